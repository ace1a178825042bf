//! Vestibule, a self-hosted invitation service: the frame around its rooms, which are in `crates`.
//!
//! - [`vestibule_domain`]: the vocabulary and the rules, pure
//! - [`vestibule_core`]: what is done and kept: use cases, the store, mail, webhooks, the worker, the log and metrics
//! - [`vestibule_web`]: what every surface needs from HTTP
//! - [`vestibule_api`]: the native API
//! - [`vestibule_facades`]: the APIs of five vendors
//! - [`app`]: the portal and the invitee's pages; [`vestibule_islands`]: what of them goes on in the browser
//! - [`server`]: puts all of it together
//! - [`config`], [`cli`]: the operator's side
//! - [`backup`]: what is put away, and put back
//! - [`secret_key`]: the most private of files

// Leptos' views are deeply nested types.
#![recursion_limit = "512"]

pub mod app;
pub mod backup;
pub mod cli;
pub mod config;
pub mod secret_key;
pub mod server;
