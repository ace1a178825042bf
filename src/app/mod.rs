//! The portal: pages that the server renders whole, for every request anew. Every change is a plain form's POST. What
//! scripts add is in `browser`: it works on any page, and knows none of them.

#[cfg(feature = "ssr")]
pub mod acceptance;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "hydrate")]
pub mod browser;
pub mod component;
#[cfg(feature = "ssr")]
pub mod connect;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod failure;
#[cfg(feature = "ssr")]
mod feed;
#[cfg(feature = "ssr")]
pub mod flash;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod invitations;
#[cfg(feature = "ssr")]
pub mod keys;
#[cfg(feature = "ssr")]
pub mod layout;
#[cfg(feature = "ssr")]
pub mod members;
#[cfg(feature = "ssr")]
pub mod outbox;
#[cfg(feature = "ssr")]
pub mod people;
#[cfg(feature = "ssr")]
pub mod public;
#[cfg(feature = "ssr")]
pub mod query;
#[cfg(feature = "ssr")]
pub mod resources;
#[cfg(feature = "ssr")]
pub mod respond;
#[cfg(feature = "ssr")]
pub mod roles;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod told;
#[cfg(feature = "ssr")]
pub mod version;
#[cfg(feature = "ssr")]
pub mod visit;
#[cfg(feature = "ssr")]
pub mod webhooks;

#[cfg(feature = "ssr")]
pub use context::AppState;
#[cfg(feature = "ssr")]
pub use routes::routes;

/// The header by which scripts say that they refresh a page which is open already.
pub const REFRESH: &str = "x-vestibule-refresh";
/// The event of the feed that holds a sentence to be said; all others only say that something has changed.
pub const SAID: &str = "said";
