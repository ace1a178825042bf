//! Under `make dev` open pages load again as soon as the program was built and started again.

use super::AppState;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::State, routing::get};
use futures::{StreamExt, stream};
use leptos::{nonce::use_nonce, prelude::*};
use std::convert::Infallible;

/// Whether `make dev` runs this. A release never listens to it.
fn is_watched() -> bool {
    cfg!(debug_assertions) && std::env::var_os("LEPTOS_WATCH").is_some()
}

/// The stream that [`Reload`] listens to; nothing where nobody watches.
pub fn routes(state: AppState) -> Router {
    if !is_watched() {
        return Router::new();
    }
    Router::new().route("/reload", get(until_it_stops)).with_state(state)
}

/// Says nothing, and ends with the program.
async fn until_it_stops(State(state): State<AppState>) -> Response {
    let until = Box::pin(async move { state.vestibule.stopping().await });
    Sse::new(stream::pending::<Result<Event, Infallible>>().take_until(until)).into_response()
}

/// The browser opens the stream again by itself, until the next program answers.
#[component]
pub fn Reload() -> impl IntoView {
    let script = "let opened; new EventSource('/reload').onopen = () => opened ? location.reload() : opened = true";
    is_watched().then(|| view! { <script nonce=use_nonce() inner_html=script></script> })
}
