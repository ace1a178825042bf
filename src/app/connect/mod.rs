//! Connecting clients that were written for another product: choosing the vendor, creating a key, and configuring the
//! client.

mod clients;
mod created;
mod forms;
mod help;
mod index;
mod new;
mod snippets;

use super::context::{AppState, respond_to};
use super::portal_context::use_portal_frame;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use vestibule_core::service::NotFound;
use vestibule_web::Vendor;
use vestibule_web::compression::compressed;

/// The introduction on the area's pages.
const LEDE: &str =
    "A client written for one of these works here when its base URL and its credentials change. Nothing else does.";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/connect", compressed(get(index::index)))
        // what is made is shown with its secrets
        .route("/o/{slug}/connect/{surface}", get(new::new).post(forms::create))
}

/// The vendor at the end of the path. If no vendor has this API, the answer is 404.
struct VendorPath(&'static Vendor);

impl FromRequestParts<AppState> for VendorPath {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let surface = params.iter().find(|(name, _)| *name == "surface").and_then(|(_, name)| name.parse().ok());
        let vendor = surface.and_then(|surface| state.vendor(surface));
        vendor.map(Self).ok_or_else(|| respond_to(NotFound::Route.into(), "/"))
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
