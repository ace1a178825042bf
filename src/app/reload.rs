//! The reload of open pages under `make dev`, as soon as a new build of the program has started.

use super::AppState;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::State, routing::get};
use futures::{StreamExt, stream};
use leptos::{nonce::use_nonce, prelude::*};
use std::convert::Infallible;

/// Checks whether `make dev` runs this. A release always says no.
fn is_watched() -> bool {
    cfg!(debug_assertions) && std::env::var_os("LEPTOS_WATCH").is_some()
}

/// Returns the route of the stream that [`Reload`] opens, or no route outside of `make dev`.
pub fn routes(state: AppState) -> Router {
    if !is_watched() {
        return Router::new();
    }
    Router::new().route("/reload", get(until_it_stops)).with_state(state)
}

/// Responds with a stream without events, which ends when the program stops.
async fn until_it_stops(State(state): State<AppState>) -> Response {
    let until = Box::pin(async move { state.vestibule.stopping().await });
    Sse::new(stream::pending::<Result<Event, Infallible>>().take_until(until)).into_response()
}

/// The script that reloads the page. The browser opens the stream again and again until the next program answers.
#[component]
pub fn Reload() -> impl IntoView {
    let script = "let opened; new EventSource('/reload').onopen = () => opened ? location.reload() : opened = true";
    is_watched().then(|| view! { <script nonce=use_nonce() inner_html=script></script> })
}
