//! The audit log: everything that happened in the organization, who did it, and whether the record is unchanged.

mod filters;
mod forms;
mod index;
mod link;
mod list;
mod query;

pub use link::{AuditLog, part_of_log};
pub use query::EventQuery;

use super::AppState;
use axum::{
    Router,
    routing::{get, post},
};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/audit", compressed(get(index::index)))
        .route("/o/{slug}/audit/export", get(forms::export))
        .route("/o/{slug}/audit/verify", post(forms::verify))
}
