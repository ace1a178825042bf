//! Connecting clients that were written for another product: choosing the vendor, creating a key, and configuring the
//! client.

mod clients;
mod created;
mod forms;
mod help;
mod index;
mod new;
mod snippets;

use super::context::AppState;
use super::portal_context::{missing, use_portal_frame};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use futures::FutureExt;
use vestibule_web::Vendor;
use vestibule_web::compression::compressed;

/// The introduction on the area's pages.
const LEDE: &str = "A client written for one of these works here once you change its base URL and its credentials.";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/connect", compressed(get(index::index)))
        .route("/o/{slug}/connect/{surface}", compressed(get(new::new).post(forms::create)))
        // with its secrets
        .route("/o/{slug}/connect/{surface}/{id}", get(created::created))
}

/// The vendor in the path. If no vendor has this API, the answer is the page that says so, with 404.
struct VendorPath(&'static Vendor);

impl FromRequestParts<AppState> for VendorPath {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let surface = params.iter().find(|(name, _)| *name == "surface").and_then(|(_, name)| name.parse().ok());
        let vendor = surface.and_then(|surface| state.vendor(surface));
        match vendor {
            Some(vendor) => Ok(Self(vendor)),
            None => Err(missing(parts, state).boxed().await),
        }
    }
}

/// Returns the URL of the list of vendors.
fn all() -> String {
    format!("/o/{}/connect", use_portal_frame().organization.slug)
}

/// Returns the URL of the page for this vendor's clients.
fn page_of(vendor: &Vendor) -> String {
    format!("{}/{}", all(), vendor.surface.as_str())
}
