//! The facades: APIs that others invented, over the same service. Each vendor has a folder with the same file names,
//! and none knows another.

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

/// By name.
const FACADES: &[(Vendor, Build)] = &[
    (adobe::VENDOR, adobe::router),
    (appstoreconnect::VENDOR, appstoreconnect::router),
    (clerk::VENDOR, clerk::router),
    (clickhouse::VENDOR, clickhouse::router),
    (snyk::VENDOR, snyk::router),
];

/// What makes a vendor's router.
type Build = fn(FacadeState) -> Router;

/// What every handler of a facade can reach.
#[derive(Clone)]
struct FacadeState {
    vestibule: Arc<Vestibule>,
}

impl FacadeState {
    /// One request of the key's allowance, and what is left of it.
    fn take(&self, key: &ApiKey) -> Result<Left, Error> {
        self.vestibule.take_request(key.id).map_err(|(_, error)| error)
    }
}

/// Brings a request to its handler: with its whole body, of at most `largest` bytes, and with the key of its caller.
/// Whoever was refused hears why.
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

/// All vendors, by name.
pub fn vendors() -> impl Iterator<Item = &'static Vendor> {
    FACADES.iter().map(|(vendor, _)| vendor)
}

/// Each vendor with its router, whose paths begin at the vendor's own root.
pub fn routers(vestibule: &Arc<Vestibule>) -> Vec<(&'static Vendor, Router)> {
    let state = FacadeState { vestibule: Arc::clone(vestibule) };
    FACADES.iter().map(|(vendor, router)| (vendor, router(state.clone()))).collect()
}
