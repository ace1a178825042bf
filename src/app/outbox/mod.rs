//! The outbox: every mail of the organization, and what the receiving server answered.

mod forms;
mod index;
mod labels;
mod show;

use super::AppState;
use axum::{
    Router,
    routing::{get, post},
};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/outbox", compressed(get(index::index)))
        // letters hold links and codes
        .route("/o/{slug}/outbox/{id}", get(show::show))
        .route("/o/{slug}/outbox/{id}/letter", get(forms::letter))
        .route("/o/{slug}/outbox/{id}/retry", post(forms::retry))
}
