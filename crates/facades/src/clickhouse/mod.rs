//! ClickHouse Cloud's API, version 1, as far as it concerns invitations: the organization, its roles, members and
//! invitations. docs/facades/clickhouse.md lists what differs from ClickHouse's own API.

mod body;
mod caller;
mod fault;
mod invitations;
mod members;
mod organizations;
mod wire;

use super::FacadeState;
use crate::fault::tell;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use caller::ClickHouse;
use fault::{Fault, Words};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_domain::Surface;
use vestibule_web::caller::admit;
use vestibule_web::vendor::{Connection, Credential, RedirectParams, Snippet, Vendor};

/// The ClickHouse facade, as the rest of the program sees it.
pub const VENDOR: Vendor = Vendor {
    surface: Surface::ClickHouse,
    name: "ClickHouse Cloud",
    root: "/clickhouse",
    credentials,
    snippets: &[Snippet {
        client: "clickhouse-cloud-api 0.5",
        language: "Rust",
        install: "cargo add clickhouse-cloud-api@0.5 tokio --features tokio/full",
        text: include_str!("snippets/invite.rs"),
    }],
    redirect_params: RedirectParams::NATIVE,
};

fn credentials(connection: &Connection<'_>) -> Vec<Credential> {
    let of = |name, label, value, is_secret| Credential { name, label, value, is_secret };
    vec![
        of("organization_id", "Organization id", connection.organization.id.to_string(), false),
        of("key_id", "Key id", wire::key_id(connection.key.id), false),
        of("key_secret", "Key secret", connection.token.to_owned(), true),
    ]
}

/// Returns all routes below the facade's root.
pub(super) fn router(state: FacadeState) -> Router {
    let organization = Router::new()
        .route("/", get(organizations::show))
        .route("/roles", get(organizations::list_roles))
        .route("/members", get(members::list))
        .route("/members/{id}", get(members::show).patch(members::edit).delete(members::remove))
        .route("/invitations", get(invitations::list).post(invitations::create))
        .route("/invitations/{id}", get(invitations::show).delete(invitations::revoke));
    Router::new()
        .route("/v1/organizations", get(organizations::list))
        .nest("/v1/organizations/{org}", organization)
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(from_fn_with_state(Arc::clone(&state.vestibule), admit::<ClickHouse>))
        .layer(CatchPanicLayer::custom(Fault::panicked))
        .layer(from_fn(tell::<Words>))
        .with_state(state)
}
