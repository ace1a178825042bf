//! The tests that need more than one module, in one binary: it links once.

mod harness;
mod mail;
