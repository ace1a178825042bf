//! API keys: the list, creating and revoking.

pub mod form;
mod forms;
mod index;
mod new;
mod revoke;

use super::AppState;
use axum::{Router, routing::get};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/keys", get(index::index))
        .route("/o/{slug}/keys/new", get(new::new))
        .route("/o/{slug}/keys/{id}/revoke", get(revoke::revoke))
        .merge(forms::routes())
}
