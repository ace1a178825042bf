//! The facades: APIs that other vendors invented, implemented on the same service. Each vendor has a folder with the
//! same file names, and no vendor uses another's code.

mod adobe;
mod appstoreconnect;
mod clerk;
mod clickhouse;
mod number;
mod snyk;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use vestibule_core::service::{Error, Vestibule};
use vestibule_domain::{ApiKey, rate_limit::Left};
use vestibule_web::{body, extract::Unreadable, text, vendor::Vendor};

/// All vendors with the functions that build their routers, ordered by name.
const FACADES: &[(Vendor, Build)] = &[
    (adobe::VENDOR, adobe::router),
    (appstoreconnect::VENDOR, appstoreconnect::router),
    (clerk::VENDOR, clerk::router),
    (clickhouse::VENDOR, clickhouse::router),
    (snyk::VENDOR, snyk::router),
];

/// A function that builds a vendor's router.
type Build = fn(FacadeState) -> Router;

/// The state that every handler of a facade has access to.
#[derive(Clone)]
struct FacadeState {
    vestibule: Arc<Vestibule>,
}

impl FacadeState {
    /// Takes one request from the key's rate limit, and returns what is left of it.
    fn take(&self, key: &ApiKey) -> Result<Left, Error> {
        self.vestibule.take_request(key.id).map_err(|(_, error)| error)
    }
}

/// Passes a request on to its handler, with its whole body (at most `largest` bytes) and the caller's key. If the
/// caller was refused or the body can't be read, the answer says why.
async fn pass<F>(caller: Result<ApiKey, F>, largest: usize, request: Request, next: Next) -> Response
where
    F: From<Unreadable> + IntoResponse,
{
    let key = match caller {
        Ok(key) => key,
        Err(fault) => return fault.into_response(),
    };
    let (mut parts, body) = request.into_parts();
    let bytes = match body::whole(&parts.headers, body, largest).await {
        Ok(bytes) => bytes,
        Err(status) => return F::from(Unreadable::of_body(status, largest)).into_response(),
    };
    if let Err(unreadable) = text::check(&parts.headers, &parts.uri, &bytes) {
        return F::from(unreadable).into_response();
    }
    parts.extensions.insert(key);
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// Returns all vendors, ordered by name.
pub fn vendors() -> impl Iterator<Item = &'static Vendor> {
    FACADES.iter().map(|(vendor, _)| vendor)
}

/// Returns each vendor with its router. The router's paths start at the vendor's own root.
pub fn routers(vestibule: &Arc<Vestibule>) -> Vec<(&'static Vendor, Router)> {
    let state = FacadeState { vestibule: Arc::clone(vestibule) };
    FACADES.iter().map(|(vendor, router)| (vendor, router(state.clone()))).collect()
}
