//! Clerk's Backend API, as far as it concerns invitations: organization invitations and application invitations.
//!
//! The version is 2026-05-12. Paths and bodies for invitations have been the same since 2021-02-05, so clients can ask
//! for any version. docs/facades/clerk.md lists what differs from Clerk's own API.

mod body;
mod caller;
mod fault;
mod invitations;
mod organization_invitations;
mod query;
mod tickets;
mod wire;

use super::FacadeState;
use crate::fault::tell;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use caller::Clerk;
use fault::{Details, Fault};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_domain::{AcceptanceKind, Surface};
use vestibule_web::caller::admit;
use vestibule_web::vendor::{Connection, Credential, RedirectParams, Snippet, Vendor};

/// The Clerk facade, as the rest of the program sees it.
pub const VENDOR: Vendor = Vendor {
    surface: Surface::Clerk,
    name: "Clerk",
    root: "/clerk",
    credentials,
    snippets: &[
        Snippet {
            client: "@clerk/backend 3.19",
            language: "JavaScript",
            install: "npm install @clerk/backend@3.19.0",
            text: include_str!("snippets/invite.mjs"),
        },
        Snippet {
            client: "clerk-backend-api 7.0",
            language: "Python",
            install: "pip install clerk-backend-api==7.0.0",
            text: include_str!("snippets/invite.py"),
        },
    ],
    redirect_params: RedirectParams { ticket: "__clerk_ticket", status: "__clerk_status", word },
};

fn word(arrival: AcceptanceKind) -> &'static str {
    match arrival {
        AcceptanceKind::SignedUp => "sign_up",
        AcceptanceKind::SignedIn => "sign_in",
        AcceptanceKind::Accepted => "complete",
    }
}

fn credentials(connection: &Connection<'_>) -> Vec<Credential> {
    let of = |name, label, value: String, is_secret| Credential { name, label, value, is_secret };
    let organization = wire::organization_id(connection.organization.id);
    let mut credentials = vec![
        of("secret_key", "Secret key", connection.token.to_owned(), true),
        of("organization_id", "Organization id", organization, false),
    ];
    let person = connection.person.map(wire::user_id);
    credentials.extend(person.map(|id| of("inviter_user_id", "User id of the inviter", id, false)));
    credentials
}

/// Returns the URL that this facade's links begin with.
fn base_url(state: &FacadeState) -> String {
    state.vestibule.settings().url(VENDOR.root)
}

/// Returns all routes below the facade's root.
pub(super) fn router(state: FacadeState) -> Router {
    let organization = Router::new()
        .route("/", get(organization_invitations::list).post(organization_invitations::create))
        .route("/bulk", post(organization_invitations::create_many))
        .route("/pending", get(organization_invitations::list_pending))
        .route("/{id}", get(organization_invitations::show))
        .route("/{id}/revoke", post(organization_invitations::revoke));
    let backend = Router::new()
        .nest("/organizations/{org}/invitations", organization)
        .route("/organization_invitations", get(organization_invitations::list_all))
        .route("/users/{user}/organization_invitations", get(organization_invitations::list_of_user))
        .route("/invitations", get(invitations::list).post(invitations::create))
        .route("/invitations/bulk", post(invitations::create_many))
        .route("/invitations/{id}/revoke", post(invitations::revoke))
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(from_fn_with_state(Arc::clone(&state.vestibule), admit::<Clerk>));
    Router::new()
        .nest("/v1", backend)
        .route("/v1/tickets/accept", get(tickets::accept))
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(CatchPanicLayer::custom(Fault::panicked))
        .layer(from_fn(tell::<Details>))
        .with_state(state)
}
