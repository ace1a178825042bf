//! What Vestibule does, without HTTP.
//!
//! - [`service`]: the use cases
//! - [`mail`]: letters, and the ways by which they leave
//! - [`webhook`]: what is told to others' servers, signed, and where it may go
//! - [`worker`]: what happens in the background

pub mod mail;
pub mod service;
pub mod webhook;
pub mod worker;
