//! The facades: APIs that others invented, over the same service. Each vendor has a folder with the same file names,
//! and none knows another.

mod adobe;
mod clerk;
mod clickhouse;

use crate::http::{quota::Quotas, vendor::Vendor};
use crate::service::Vestibule;
use axum::Router;
use std::sync::Arc;

/// By name.
const FACADES: &[(Vendor, Build)] =
    &[(adobe::VENDOR, adobe::router), (clerk::VENDOR, clerk::router), (clickhouse::VENDOR, clickhouse::router)];

/// What makes a vendor's router.
type Build = fn(FacadeState) -> Router;

/// What every handler of a facade can reach.
#[derive(Clone)]
struct FacadeState {
    vestibule: Arc<Vestibule>,
    quotas: Arc<Quotas>,
}

/// All vendors, by name.
pub fn vendors() -> impl Iterator<Item = &'static Vendor> {
    FACADES.iter().map(|(vendor, _)| vendor)
}

/// Each vendor with its router, whose paths begin at the vendor's own root.
pub fn routers(vestibule: &Arc<Vestibule>) -> Vec<(&'static Vendor, Router)> {
    let quotas = Arc::new(Quotas::new(vestibule.settings().api_requests_per_minute));
    let state = FacadeState { vestibule: Arc::clone(vestibule), quotas };
    FACADES.iter().map(|(vendor, router)| (vendor, router(state.clone()))).collect()
}
