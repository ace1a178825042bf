//! Resources that invitations and members can be limited to: the list, creating, editing and deleting.

mod delete;
mod edit;
mod form;
mod forms;
mod index;
mod new;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/resources", compressed(get(index::index)))
        .route("/o/{slug}/resources/new", compressed(get(new::new).post(forms::create)))
        .route("/o/{slug}/resources/{id}/edit", compressed(get(edit::edit).post(forms::change)))
        .route("/o/{slug}/resources/{id}/delete", compressed(get(delete::delete).post(forms::remove)))
}
