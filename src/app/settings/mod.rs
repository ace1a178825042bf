//! The organization's settings: its name, and the limits for all invitations.

mod form;
mod forms;
mod lines;
mod show;

use super::AppState;
use axum::{Router, routing::get};
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/settings", compressed(get(show::show).post(forms::save)))
}
