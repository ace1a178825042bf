//! The outbox: every mail of the organization, and what the receiving server said about it.

mod actions;
#[cfg(feature = "ssr")]
pub mod forms;
mod index;
mod show;
mod words;

pub use index::Index;
pub use show::Show;
