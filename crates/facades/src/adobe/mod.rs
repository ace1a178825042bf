//! Adobe's User Management API, as far as it concerns invites: pending invites, the commands that create them, the
//! users that they lead to, and the token exchange that comes first.
//!
//! The version is 2, as its clients implement it; the invites are as they were until 2022. docs/facades/adobe.md lists
//! what differs from Adobe's own API.

mod action;
mod caller;
mod commands;
mod fault;
mod ims;
mod invites;
mod problem;
mod reading;
mod users;
mod wire;

use super::FacadeState;
use crate::fault::tell;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use caller::Adobe;
use fault::{Body, Fault};
use serde_json::json;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_domain::Surface;
use vestibule_web::Json;
use vestibule_web::caller::admit;
use vestibule_web::vendor::{Connection, Credential, RedirectParams, Snippet, Vendor};

/// The Adobe facade, as the rest of the program sees it.
pub const VENDOR: Vendor = Vendor {
    surface: Surface::Adobe,
    name: "Adobe User Management",
    root: "/adobe",
    credentials,
    snippets: &[Snippet {
        client: "umapi-client 3.0",
        language: "Python",
        install: "pip install umapi-client==3.0.1",
        text: include_str!("snippets/invite.py"),
    }],
    redirect_params: RedirectParams::NATIVE,
};

fn credentials(connection: &Connection<'_>) -> Vec<Credential> {
    let of = |name, label, value, is_secret| Credential { name, label, value, is_secret };
    vec![
        of("org_id", "Organization id", wire::organization_id(connection.organization.id), false),
        of("api_key", "API key (client id)", wire::client_id(connection.key.id), false),
        of("client_secret", "Client secret", connection.token.to_owned(), true),
        of("access_token", "Access token, for a day", connection.access_token.to_owned(), true),
    ]
}

/// Returns all routes below the facade's root.
pub(super) fn router(state: FacadeState) -> Router {
    let api = Router::new()
        .merge(pending("/{org}/invites"))
        .merge(pending("/organizations/{org}/invites"))
        .route("/action/{org}", post(action::run))
        .route("/users/{org}/{page}", get(users::list))
        .route("/users/{org}/{page}/{group}", get(users::list_of_group))
        .route("/organizations/{org}/users/{user}", get(users::show))
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(from_fn_with_state(Arc::clone(&state.vestibule), admit::<Adobe>));
    Router::new()
        .nest("/v2/usermanagement", api)
        .nest("/ims", exchanges())
        // for health checks
        .route("/status", get(async || Json(json!({ "state": "LIVE" }))))
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(CatchPanicLayer::custom(Fault::panicked))
        .layer(from_fn(tell::<Body>))
        .layer(from_fn(caller::echo))
        .with_state(state)
}

/// Returns the routes of the invites below one of the two paths that Adobe has documented. Scripts add a slash at the
/// end.
fn pending(root: &str) -> Router<FacadeState> {
    let all = get(invites::list);
    let one = get(invites::show).post(invites::resend).delete(invites::revoke);
    Router::new()
        .route(root, all.clone())
        .route(&format!("{root}/"), all)
        .route(&format!("{root}/{{email}}"), one.clone())
        .route(&format!("{root}/{{email}}/"), one)
}

/// Returns the routes of the identity service. Clients add a slash at the end.
fn exchanges() -> Router<FacadeState> {
    let of = |path: &str, handler: axum::routing::MethodRouter<FacadeState>| {
        Router::new().route(path, handler.clone()).route(&format!("{path}/"), handler)
    };
    Router::new()
        .merge(of("/token/v2", post(ims::token)))
        .merge(of("/token/v3", post(ims::token)))
        .merge(of("/exchange/jwt", post(ims::exchange)))
}
