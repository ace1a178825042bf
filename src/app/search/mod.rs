//! The search for people, invitations, pages and actions. The palette (`crates/islands/src/palette.rs`) finds the same.

mod index;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/search", compressed(get(index::index)))
}
