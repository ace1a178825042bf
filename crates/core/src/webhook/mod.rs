//! Webhooks on the wire: what is sent, how it is signed, and where it may go (Standard Webhooks 1.0).

mod destination;
mod payload;
mod sender;
mod signature;

pub use destination::{BLOCKED, Destinations};
pub use payload::{ActorBody, EventBody, payload, pretty_payload};
pub use sender::Sender;
pub use signature::Secret;
