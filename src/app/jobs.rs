//! What somebody does to their jobs without scripts. The frame of every page shows them.

use super::{
    AppState,
    context::{OrganizationScope, PathId},
};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::post};
use futures::FutureExt;
use vestibule_core::service::Result;
use vestibule_domain::JobId;

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/jobs/{id}/cancel", post(cancel)).route("/o/{slug}/jobs/{id}/dismiss", post(dismiss))
}

async fn cancel(at: OrganizationScope, PathId(id): PathId<JobId>) -> Response {
    let done = at.vestibule().jobs().cancel(&at.scope, id).boxed().await;
    back(&at, done.map(drop))
}

async fn dismiss(at: OrganizationScope, PathId(id): PathId<JobId>) -> Response {
    let done = at.vestibule().jobs().dismiss(&at.scope, id).boxed().await;
    back(&at, done)
}

/// Redirects to the list. The result is in the frame.
fn back(at: &OrganizationScope, done: Result<()>) -> Response {
    const PAGE: &str = "invitations";
    match done {
        Ok(()) => Redirect::to(&at.path(PAGE)).into_response(),
        Err(error) => at.refuse(PAGE, error),
    }
}
