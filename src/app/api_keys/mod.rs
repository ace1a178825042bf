//! API keys: the list, creating and revoking.

pub mod form;
mod forms;
mod index;
pub mod new;
mod revoke;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_domain::Surface;
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/keys", compressed(get(index::index)))
        .route("/o/{slug}/keys/new", compressed(get(new::new).post(forms::create)))
        // with its token
        .route("/o/{slug}/keys/{id}/created", get(new::created))
        .route("/o/{slug}/keys/{id}/revoke", compressed(get(revoke::revoke).post(forms::revoke)))
}

/// Returns the name of the API that a key is for. Returns `None` if the key's own name says the same, and for the native
/// API.
pub fn surface_label(name: &str, surface: Surface) -> Option<&'static str> {
    surface.label().filter(|label| !name.eq_ignore_ascii_case(label))
}
