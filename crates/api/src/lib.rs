//! The native API, `/api/v1`: resources as JSON, for programs that authenticate with an API key. `openapi` builds its
//! document from the handlers.

mod api_keys;
mod caller;
mod dependents;
mod events;
mod filter;
mod invitations;
mod mails;
mod members;
mod openapi;
mod organizations;
mod people;
mod problem;
mod reading;
mod resources;
mod roles;
mod tickets;
mod webhook_deliveries;
mod webhooks;
mod wire;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::{Router, routing::get};
use caller::Program;
use problem::Problem;
use serde_json::Value;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use vestibule_core::service::Vestibule;
use vestibule_web::caller::admit;

/// The path prefix of every operation.
pub const ROOT: &str = "/api/v1";

#[derive(Clone)]
struct ApiState {
    vestibule: Arc<Vestibule>,
}

/// Returns the routes of the API, its document at `/api/openapi.json`, the page that shows it at `/api/docs`, and the
/// public keys of tickets.
pub fn routes(vestibule: &Arc<Vestibule>) -> Router {
    let state = ApiState { vestibule: Arc::clone(vestibule) };
    let (routes, document) = operations();
    let api = routes
        .fallback(async || Problem::no_route().into_response())
        .method_not_allowed_fallback(async || Problem::no_method().into_response())
        .layer(from_fn_with_state(Arc::clone(vestibule), admit::<Program>))
        .layer(CatchPanicLayer::custom(Problem::panicked))
        .layer(DefaultBodyLimit::disable())
        .with_state(state);
    let key_set = vestibule.tickets().key_set();
    let key_set = get(async move || vestibule_web::Json(key_set.clone()));
    Router::new().route("/.well-known/jwks.json", key_set).nest(ROOT, api).merge(openapi::routes(&document))
}

/// Returns the OpenAPI document without building the routes.
pub fn document() -> Value {
    operations().1
}

/// Returns the operations and the document that describes them.
fn operations() -> (Router<ApiState>, Value) {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::outline())
        .merge(organizations::routes())
        .merge(invitations::routes())
        .merge(members::routes())
        .merge(people::routes())
        .merge(roles::routes())
        .merge(resources::routes())
        .merge(api_keys::routes())
        .merge(webhooks::routes())
        .merge(webhook_deliveries::routes())
        .merge(events::routes())
        .merge(mails::routes())
        .merge(tickets::routes())
        .split_for_parts();
    let document = openapi::complete(&document);
    (routes, document)
}
