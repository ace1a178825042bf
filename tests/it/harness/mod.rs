//! What tests stand on.

pub mod smtp;
