//! The server functions' routes. Each has its own, so that metrics and the log can name it. What lies around all pages
//! lies around them too: the same origin, JSON and nothing else, the limits on size and time, the check of all text.

use super::AppState;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::post};
use leptos::prelude::provide_context;
use leptos::server_fn::{axum::server_fn_paths, error::SERVER_FN_ERROR_HEADER};
use std::sync::Arc;
use vestibule_functions::{FunctionError, server::Cause};
use vestibule_web::FUNCTIONS;

/// Returns a route for each function.
pub fn routes(state: AppState) -> Router {
    let paths = server_fn_paths().map(|(path, _)| path).filter(|path| path.starts_with(FUNCTIONS));
    paths.fold(Router::new(), |router, path| router.route(path, post(answer))).with_state(state)
}

async fn answer(State(state): State<AppState>, request: Request) -> Response {
    let cause = Cause::default();
    let context = {
        let cause = cause.clone();
        move || {
            provide_context(Arc::clone(&state.vestibule));
            provide_context(cause.clone());
        }
    };
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    match response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        true => refusal(response, &cause).await,
        false => response,
    }
}

/// Returns a function's error with the status that it stands for. Leptos gives all of them 500.
async fn refusal(response: Response, cause: &Cause) -> Response {
    if let Some(cause) = cause.take() {
        return vestibule_web::log::failed(cause);
    }
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
    let Ok(error) = serde_json::from_slice::<FunctionError>(&body) else {
        return vestibule_web::log::failed(Arc::from(Box::from("a function's error could not be read")));
    };
    let mut refusal = (error.status(), [(header::CONTENT_TYPE, "application/json")], body).into_response();
    refusal.headers_mut().extend(error.retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
    refusal
}
