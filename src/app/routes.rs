//! The portal's routes: its pages, and the handlers of their forms.

use super::{
    AppState, api_keys, audit, connect, feed::feed, invitations, jobs, members, outbox, people,
    portal_context::PortalContext, resources, roles, search, settings, signed_out::keep_typed, webhooks,
};
use axum::extract::Path;
use axum::middleware::from_fn_with_state;
use axum::response::{Redirect, Response};
use axum::{
    Router,
    routing::{any, get},
};

/// Returns all routes below `/o/{slug}`. The last is for paths at which there is nothing.
pub fn routes(state: AppState) -> Router {
    Router::new()
        .route("/o/{slug}", get(home))
        .route("/o/{slug}/feed", get(feed))
        .merge(invitations::routes())
        .merge(jobs::routes())
        .merge(members::routes())
        .merge(people::routes())
        .merge(roles::routes())
        .merge(resources::routes())
        .merge(api_keys::routes())
        .merge(webhooks::routes())
        .merge(connect::routes())
        .merge(outbox::routes())
        .merge(audit::routes())
        .merge(search::routes())
        .merge(settings::routes())
        .route("/o/{slug}/{*rest}", any(nothing))
        .layer(from_fn_with_state(state.clone(), keep_typed))
        .with_state(state)
}

async fn nothing(context: PortalContext) -> Response {
    context.missing().await
}

/// Redirects from the organization's root to its list of invitations.
async fn home(Path(slug): Path<String>) -> Redirect {
    let slug = crate::app::query::escape(&slug);
    Redirect::to(&format!("/o/{slug}/invitations"))
}
