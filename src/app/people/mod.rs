//! One person's data: what is stored about an email address, to be downloaded or erased.

mod forms;
mod link;
mod show;

pub use link::PersonalData;

use super::AppState;
use axum::{Router, routing::get};

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/people", get(show::show)).merge(forms::routes())
}
