//! The invitee's pages: the page that a link opens, and the answer. There are no scripts and no tokens in URLs, and
//! looking at a page changes nothing: every answer is a POST by a person.

mod accept;
mod acceptance_session;
mod changed_notice;
mod closed_pages;
mod code;
mod decline;
mod offer_pages;
mod open_link;
mod parts;
mod return_to;
mod welcome;

use super::context::AppState;
use axum::Router;
use axum::routing::{get, post};
use vestibule_domain::token::PREVIEW;
use vestibule_web::body;

pub fn routes(state: AppState) -> Router {
    Router::new()
        .route(&format!("/i/{PREVIEW}"), get(open_link::preview))
        .route("/i/{token}", get(open_link::open).head(open_link::look))
        .route("/accept", get(accept::show).post(accept::accept))
        .route("/accept/sign-in", post(accept::sign_in))
        .route("/accept/code", post(code::send))
        .route("/accept/code/proof", post(code::prove))
        .route("/accept/decline", get(decline::show).post(decline::decline))
        .route(return_to::PATH, get(return_to::show))
        .route("/accept/ask-again", post(closed_pages::ask_again))
        .route("/o/{slug}/welcome", get(welcome::show))
        .layer(body::form_sized())
        .with_state(state)
}
