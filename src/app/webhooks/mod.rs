//! Webhooks: the endpoints, the deliveries to each, and one delivery with its attempts.

mod badge;
mod confirm;
mod delivery;
mod fields;
mod forms;
mod index;
mod new;
mod show;

use super::AppState;
use super::portal_context::use_portal_frame;
use axum::{
    Router,
    routing::{get, post},
};
use vestibule_domain::WebhookEndpointId;
use vestibule_web::compression::compressed;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/webhooks", compressed(get(index::index)))
        .route("/o/{slug}/webhooks/new", compressed(get(new::new).post(forms::create)))
        .route("/o/{slug}/webhooks/{id}", compressed(get(show::show)))
        .route("/o/{slug}/webhooks/{id}/edit", compressed(get(new::edit).post(forms::edit)))
        .route("/o/{slug}/webhooks/{id}/secret", get(new::secret))
        .route("/o/{slug}/webhooks/{id}/rotate", compressed(get(confirm::rotate).post(forms::rotate)))
        .route("/o/{slug}/webhooks/{id}/delete", compressed(get(confirm::delete).post(forms::delete)))
        .route("/o/{slug}/webhooks/{id}/enable", post(forms::enable))
        .route("/o/{slug}/webhooks/{id}/disable", post(forms::disable))
        .route("/o/{slug}/deliveries/{id}", compressed(get(delivery::delivery)))
        .route("/o/{slug}/deliveries/{id}/replay", post(forms::replay))
}

/// Returns the list's URL and its name.
fn list() -> (String, &'static str) {
    (format!("/o/{}/webhooks", use_portal_frame().organization.slug), "Webhooks")
}

/// Returns the URL of one webhook's page.
fn page_of(id: WebhookEndpointId) -> String {
    format!("{}/{id}", list().0)
}
