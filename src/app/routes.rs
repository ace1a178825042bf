//! The portal's routes: its pages, and the handlers of their forms.

use super::{
    AppState, api_keys, audit, connect, feed::feed, invitations, jobs, members, outbox, people, resources, roles,
    search, settings, webhooks,
};
use axum::extract::Path;
use axum::response::Redirect;
use axum::{Router, routing::get};

/// Returns all routes below `/o/{slug}`, without a fallback.
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
        .with_state(state)
}

/// Redirects from the organization's root to its list of invitations.
async fn home(Path(slug): Path<String>) -> Redirect {
    let slug = crate::app::query::escape(&slug);
    Redirect::to(&format!("/o/{slug}/invitations"))
}
