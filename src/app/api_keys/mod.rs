//! API keys: the list, creating and revoking.

pub mod form;
mod forms;
mod index;
mod new;
mod revoke;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/keys", compressed(get(index::index)))
        // what is made is shown with its token
        .route("/o/{slug}/keys/new", get(new::new).post(forms::create))
        .route("/o/{slug}/keys/{id}/revoke", compressed(get(revoke::revoke).post(forms::revoke)))
}
