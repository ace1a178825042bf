//! Vestibule, a self-hosted invitation service.

pub mod domain;
#[cfg(feature = "ssr")]
pub mod http;
