//! The portal: pages that the server renders completely for each request. Every change can be made by a plain form post.
//! Scripts add islands (`crates/islands`), which call server functions (`functions`), and behaviour that works on any
//! page (`crates/browser`).

pub mod acceptance;
pub mod api_keys;
pub mod audit;
pub mod component;
pub mod connect;
pub mod context;
pub mod etag;
pub mod event_description;
mod feed;
pub mod flash;
pub mod form;
pub mod functions;
pub mod invitations;
mod jobs;
pub mod layout;
mod letter;
pub mod members;
mod news;
pub mod outbox;
pub mod people;
pub mod portal_context;
pub mod public;
pub mod reload;
pub mod resources;
pub mod respond;
pub mod roles;
mod routes;
pub mod search;
pub mod settings;
pub mod shell;
mod signed_out;
pub mod webhooks;

pub use context::AppState;
pub use routes::routes;
pub use vestibule_web::query;
