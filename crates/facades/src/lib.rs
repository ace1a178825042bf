//! The facades: APIs that other vendors invented, implemented on the same service. Each vendor has a folder with the
//! same file names, and no vendor uses another's code.

mod adobe;
mod appstoreconnect;
mod caller;
mod clerk;
mod clickhouse;
mod fault;
mod json_api;
mod number;
mod query;
mod snyk;

use axum::Router;
use std::sync::Arc;
use vestibule_core::service::Vestibule;
use vestibule_web::vendor::Vendor;

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

/// Returns all vendors, ordered by name.
pub fn vendors() -> impl Iterator<Item = &'static Vendor> {
    FACADES.iter().map(|(vendor, _)| vendor)
}

/// Returns each vendor with its router. The router's paths start at the vendor's own root.
pub fn routers(vestibule: &Arc<Vestibule>) -> Vec<(&'static Vendor, Router)> {
    let state = FacadeState { vestibule: Arc::clone(vestibule) };
    FACADES.iter().map(|(vendor, router)| (vendor, router(state.clone()))).collect()
}
