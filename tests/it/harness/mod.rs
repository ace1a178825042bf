//! What tests are written with: an installation of their own, people, a browser without a screen, their mail.

pub mod app;
#[macro_use]
pub mod both;
pub mod cast;
pub mod client;
pub mod collector;
#[macro_use]
pub mod hostile;
pub mod end;
pub mod exposition;
pub mod inbox;
mod log;
pub mod program;
pub mod receiver;
pub mod smtp;
pub mod statements;
#[allow(dead_code, reason = "the scenes of what breaks use the rest of it")]
mod wire;

pub use app::{Database, Setup, TestApp};
pub use cast::{Acme, PASSWORD};
pub use client::{Answer, Client};
pub use collector::Collector;
pub use exposition::Exposition;
pub use program::Program;
pub use receiver::{Receiver, Reply};
pub use statements::{Heard, Statements};
#[allow(unused_imports, reason = "the scenes of what breaks use both")]
pub use wire::{Strike, Wire};
