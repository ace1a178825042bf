//! What the program promises when something breaks: the real program, its real databases, and a ledger outside both of
//! what was acknowledged. `scripts/faults` runs the short form, `make faults` the long one; docs/testing.md says more.
#![expect(clippy::allow_attributes, reason = "what is shared with the other tests is not all used here")]
#![expect(clippy::unwrap_used, reason = "a scene that can’t go on should stop there")]

#[allow(dead_code, unused_macros, unused_imports, reason = "shared with the other tests, which use all of it")]
#[macro_use]
#[path = "../it/harness/mod.rs"]
mod harness;

mod driver;
mod scenes;
