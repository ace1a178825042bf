//! One person's data: what is stored about an email address, to be downloaded or erased.

mod forms;
mod link;
mod show;

pub use link::PersonalData;

use super::AppState;
use axum::{
    Router,
    routing::{get, post},
};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/people", compressed(get(show::show)))
        .route("/o/{slug}/people/export", get(forms::export))
        .route("/o/{slug}/people/erase", compressed(post(forms::erase)))
}
