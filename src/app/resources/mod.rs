//! Resources that invitations and members can be limited to: the list, creating, editing and deleting.

mod delete;
mod edit;
mod form;
mod forms;
mod index;
mod new;

use super::AppState;
use axum::{Router, routing::get};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/resources", get(index::index))
        .route("/o/{slug}/resources/new", get(new::new))
        .route("/o/{slug}/resources/{id}/edit", get(edit::edit))
        .route("/o/{slug}/resources/{id}/delete", get(delete::delete))
        .merge(forms::routes())
}
