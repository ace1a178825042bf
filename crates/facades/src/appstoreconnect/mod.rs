//! App Store Connect's API, as far as it concerns invitations: users, invitations and apps.
//! docs/facades/appstoreconnect.md lists what differs from Apple's own API.

mod apps;
mod body;
mod caller;
mod fault;
mod people;
mod problem;
mod query;
mod role_names;
mod user_invitations;
mod users;
mod wire;

use super::FacadeState;
use crate::fault::tell;
use axum::Router;
use axum::extract::Path;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, get};
use caller::AppStoreConnect;
use fault::{Fault, Problems};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_domain::Surface;
use vestibule_web::caller::admit;
use vestibule_web::vendor::{Connection, Credential, RedirectParams, Snippet, Vendor};

/// The App Store Connect facade, as the rest of the program sees it.
pub const VENDOR: Vendor = Vendor {
    surface: Surface::AppStoreConnect,
    name: "App Store Connect",
    root: "/appstoreconnect",
    credentials,
    snippets: &[Snippet {
        client: "appstore-connect-sdk 2.0",
        language: "JavaScript",
        install: "npm install appstore-connect-sdk@2.0.0",
        text: include_str!("snippets/invite.mjs"),
    }],
    redirect_params: RedirectParams::NATIVE,
};

fn credentials(connection: &Connection<'_>) -> Vec<Credential> {
    let of = |name, label, value, is_secret| Credential { name, label, value, is_secret };
    vec![
        of("issuer_id", "Issuer id", connection.organization.id.to_string(), false),
        of("key_id", "Key id", connection.key.kid.clone().unwrap_or_default(), false),
        of("private_key", "Private key", connection.token.to_owned(), true),
    ]
}

/// Returns all routes below the facade's root.
pub(super) fn router(state: FacadeState) -> Router {
    Router::new()
        .route("/v1/userInvitations", get(user_invitations::list).post(user_invitations::create))
        .route("/v1/userInvitations/{id}", get(user_invitations::show).delete(user_invitations::cancel))
        .route("/v1/userInvitations/{id}/visibleApps", get(user_invitations::list_apps))
        .route("/v1/userInvitations/{id}/relationships/visibleApps", get(user_invitations::list_linkages))
        .route("/v1/userInvitations/{id}/{name}", no_relationship())
        .route("/v1/userInvitations/{id}/relationships/{name}", no_relationship())
        .route("/v1/users", get(users::list))
        .route("/v1/users/{id}", get(users::show))
        .route("/v1/users/{id}/visibleApps", get(users::list_apps))
        .route("/v1/users/{id}/relationships/visibleApps", get(users::list_linkages))
        .route("/v1/users/{id}/{name}", no_relationship())
        .route("/v1/apps", get(apps::list))
        .route("/v1/apps/{id}", get(apps::show))
        .fallback(async || Fault::no_route().into_response())
        .method_not_allowed_fallback(async || Fault::no_method().into_response())
        .layer(from_fn(caller::demand_json))
        .layer(from_fn_with_state(Arc::clone(&state.vestibule), admit::<AppStoreConnect>))
        .layer(CatchPanicLayer::custom(Fault::panicked))
        .layer(from_fn(tell::<Problems>))
        .with_state(state)
}

/// Returns the handler for paths to relationships that the resource does not have.
fn no_relationship() -> MethodRouter<FacadeState> {
    any(async |Path(names): Path<Vec<(String, String)>>| {
        Fault::no_relationship(names.last().map_or("", |(_, name)| name)).into_response()
    })
}
