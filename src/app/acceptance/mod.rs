//! The invitee's pages: the page that a link opens, and the answer. There are no scripts and no tokens in URLs, and
//! looking at a page changes nothing: every answer is a POST by a person.

mod answer;
mod changed;
mod closed;
mod code;
mod decline;
mod offer;
mod return_to;
mod open;
mod page;
mod which;

use super::context::AppState;
use axum::Router;
use axum::routing::{get, post};
use vestibule_web::body;

pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/i/{token}", get(open::open).head(open::look))
        .route("/accept", get(answer::show).post(answer::accept))
        .route("/accept/sign-in", post(answer::sign_in))
        .route("/accept/code", post(code::send))
        .route("/accept/code/proof", post(code::prove))
        .route("/accept/decline", get(decline::show).post(decline::decline))
        .route(return_to::PATH, get(return_to::show))
        .route("/accept/ask-again", post(closed::ask_again))
        .layer(body::form_sized())
        .with_state(state)
}
