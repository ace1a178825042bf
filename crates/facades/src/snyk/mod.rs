//! Snyk's REST API with dated versions and its older API v1, as far as they concern invitations: the organization, its
//! roles, members and invitations. docs/facades/snyk.md lists what differs from Snyk's own APIs.

mod body;
mod caller;
mod fault;
mod invites;
mod memberships;
mod orgs;
mod query;
mod roles;
mod v1;
mod version;
mod wire;

use super::FacadeState;
use crate::fault::tell;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use caller::Snyk;
use fault::{Fault, Problems};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use version::versioned;
use vestibule_domain::Surface;
use vestibule_web::caller::admit;
use vestibule_web::vendor::{Connection, Credential, RedirectParams, Snippet, Vendor};

/// The Snyk facade, as the rest of the program sees it.
pub const VENDOR: Vendor = Vendor {
    surface: Surface::Snyk,
    name: "Snyk",
    root: "/snyk",
    credentials,
    snippets: &[Snippet {
        client: "pysnyk 0.9",
        language: "Python",
        install: "pip install pysnyk==0.9.19",
        text: include_str!("snippets/invite.py"),
    }],
    redirect_params: RedirectParams::NATIVE,
};

fn credentials(connection: &Connection<'_>) -> Vec<Credential> {
    let of = |name, label, value, is_secret| Credential { name, label, value, is_secret };
    vec![
        of("org_id", "Organization id", connection.organization.id.to_string(), false),
        of("token", "Token", connection.token.to_owned(), true),
    ]
}

/// Returns all routes below the facade's root.
pub(super) fn router(state: FacadeState) -> Router {
    Router::new()
        .nest("/rest", rest(&state))
        .route("/v1/orgs", get(v1::list_orgs))
        .route("/v1/org/{org}/invite", post(v1::invite))
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(from_fn_with_state(Arc::clone(&state.vestibule), admit::<Snyk>))
        .layer(CatchPanicLayer::custom(Fault::panicked))
        .layer(from_fn(caller::number))
        .layer(from_fn(tell::<Problems>))
        .with_state(state)
}

/// Returns the routes of the versioned API.
fn rest(state: &FacadeState) -> Router<FacadeState> {
    let on = |operation, releases| versioned(operation, state, releases);
    Router::new()
        .route("/orgs", on(get(orgs::list), version::LIST_ORGS))
        .route("/orgs/{org}", on(get(orgs::show), version::SHOW_ORG))
        .route(
            "/orgs/{org}/invites",
            on(get(invites::list), version::LIST_INVITES).merge(on(post(invites::create), version::CREATE_INVITE)),
        )
        .route("/orgs/{org}/invites/{id}", on(delete(invites::cancel), version::CANCEL_INVITE))
        .route("/orgs/{org}/memberships", on(get(memberships::list), version::LIST_MEMBERSHIPS))
        .route("/tenants/{org}/roles", on(get(roles::list), version::LIST_ROLES))
}
