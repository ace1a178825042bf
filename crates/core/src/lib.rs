//! The core of Vestibule, which knows no HTTP.
//!
//! - [`service`]: the use cases
//! - [`mail`]: letters, and the transports that send them
//! - [`webhook`]: events that are posted to other servers, signed, and where they may be sent
//! - [`worker`]: background work

pub mod mail;
pub mod service;
pub mod webhook;
pub mod worker;
