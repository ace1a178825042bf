//! Vestibule, a self-hosted invitation service.

pub mod domain;
