//! The outbox: every mail of the organization, and what the receiving server answered.

mod forms;
mod index;
mod show;
mod words;

use super::AppState;
use axum::{Router, routing::get};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/outbox", get(index::index))
        .route("/o/{slug}/outbox/{id}", get(show::show))
        .merge(forms::routes())
}
