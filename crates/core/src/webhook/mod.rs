//! Webhooks: their payload, their signature, and their allowed destinations (Standard Webhooks 1.0).

mod destination;
mod payload;
mod sender;
mod signature;

pub use destination::{BLOCKED, Destinations};
pub use payload::{ActorBody, EventBody, payload, pretty_payload};
pub use sender::Sender;
pub use signature::Secret;
