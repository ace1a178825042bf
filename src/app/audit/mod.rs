//! The audit log: everything that happened in the organization, who did it, and whether the record is unchanged.

mod asked;
mod filters;
mod forms;
mod index;
mod list;

use super::AppState;
use axum::{Router, routing::get};

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/audit", get(index::index)).merge(forms::routes())
}
