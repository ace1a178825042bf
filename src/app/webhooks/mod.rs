//! Webhooks: the endpoints, the deliveries to each, and one delivery with its attempts.

mod confirm;
mod delivery;
mod fields;
mod forms;
mod index;
mod mark;
mod new;
mod show;

use super::AppState;
use super::visit::use_whereabouts;
use axum::{Router, routing::get};
use vestibule_domain::EndpointId;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/webhooks", get(index::index))
        .route("/o/{slug}/webhooks/new", get(new::new))
        .route("/o/{slug}/webhooks/{id}", get(show::show))
        .route("/o/{slug}/webhooks/{id}/edit", get(new::edit))
        .route("/o/{slug}/webhooks/{id}/rotate", get(confirm::rotate))
        .route("/o/{slug}/webhooks/{id}/delete", get(confirm::delete))
        .route("/o/{slug}/deliveries/{id}", get(delivery::delivery))
        .merge(forms::routes())
}

/// Returns the list's URL and its name.
fn list() -> (String, &'static str) {
    (format!("/o/{}/webhooks", use_whereabouts().organization.slug), "Webhooks")
}

/// Returns the URL of one webhook's page.
fn page_of(id: EndpointId) -> String {
    format!("{}/{id}", list().0)
}
