//! Vestibule, a self-hosted invitation service.
//!
//! - [`domain`]: the vocabulary and the rules, pure
//! - [`store`]: the only place that names sqlx
//! - [`mail`]: letters, and the ways by which they leave
//! - [`webhook`]: what is told to others' servers, signed, and where it may go
//! - [`service`]: the use cases
//! - [`worker`]: what happens in the background
//! - [`http`]: what every surface needs from HTTP
//! - [`api`]: the native API
//! - [`facade`]: the APIs of five vendors
//! - [`app`]: the portal and the invitee's pages
//! - [`server`]: puts all of it together
//! - [`config`], [`cli`]: the operator's side
//! - [`backup`]: what is put away, and put back
//! - [`telemetry`]: the log, metrics and traces; every layer may write to it
//! - [`private`]: folders and files that nobody else may read; [`secret_key`]: the most private of them

// Leptos' views are deeply nested types.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
pub mod api;
pub mod app;
#[cfg(feature = "ssr")]
pub mod backup;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod config;
pub mod domain;
#[cfg(feature = "ssr")]
pub mod facade;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod private;
#[cfg(feature = "ssr")]
pub mod secret_key;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod telemetry;
#[cfg(feature = "ssr")]
pub mod webhook;
#[cfg(feature = "ssr")]
pub mod worker;

/// Readies Leptos for the page's islands and attaches what else moves. The page's own script calls it, then each island.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    app::browser::start();
}
