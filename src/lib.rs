//! Vestibule, a self-hosted invitation service. This crate is the frame around the rooms in `crates`.
//!
//! - [`vestibule_domain`]: the vocabulary and the rules, pure
//! - [`vestibule_core`]: use cases, mail, webhooks and the worker
//! - [`vestibule_web`]: what every surface needs from HTTP
//! - [`vestibule_api`]: the native API
//! - [`vestibule_facades`]: the APIs of five vendors
//! - [`app`]: the portal and the invitee's pages; [`vestibule_islands`]: the parts of them that also run in the browser
//! - [`server`]: assembles all of it
//! - [`config`], [`cli`]: settings and the command line
//! - [`backup`]: makes, verifies and restores backups
//! - [`secret_key`]: reads and creates the file of the secret key

// The types of Leptos' views are deeply nested.
#![recursion_limit = "512"]

pub mod app;
pub mod backup;
pub mod cli;
pub mod config;
pub mod secret_key;
pub mod server;
