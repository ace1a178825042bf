//! Server functions: what the browser asks of the server while a person works, and what pages read by.
//!
//! This crate is compiled for both. The browser has a function's name, arguments and result; only the server has its
//! body, which is three lines: who calls, the use case, the answer. `server` is what the bodies need.

pub mod changes;
pub mod error;
pub mod invitations;
pub mod jobs;
pub mod list;
pub mod preview;
pub mod search;
#[cfg(not(target_family = "wasm"))]
pub mod server;

pub use error::FunctionError;
