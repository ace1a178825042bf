//! The portal's addresses: its pages, and the handlers of their forms.

use super::{App, AppState, invitations, members, outbox, respond::page_headers, shell::shell};
use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::response::{Redirect, Response};
use axum::{Router, routing::get};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_async_with_context};

/// Everything below `/o/{slug}` and the server functions, without a fallback.
pub fn routes(state: AppState) -> Router {
    let options = state.leptos_options.clone();
    Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), page_headers, move || shell(options.clone()))
        .route("/o/{slug}", get(home))
        .merge(invitations::forms::routes())
        .merge(members::forms::routes())
        .merge(outbox::forms::routes())
        .with_state(state)
}

/// One page of the portal, with more in its context than its address says.
pub(super) async fn render(
    state: &AppState,
    request: Request<Body>,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let (options, app_state) = (state.leptos_options.clone(), state.clone());
    let context = move || {
        provide_context(app_state.clone());
        page_headers();
        context();
    };
    render_app_async_with_context(context, move || shell(options.clone()))(request).await
}

async fn home(Path(slug): Path<String>) -> Redirect {
    let slug = leptos_router::location::Url::escape(&slug);
    Redirect::to(&format!("/o/{slug}/invitations"))
}
