//! The health checks for a supervisor: whether the process is alive, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use std::sync::Arc;
use vestibule_core::service::Vestibule;

/// Returns the routes of the health checks. `/healthz` answers as long as the process runs. `/readyz` answers 503 while
/// nothing can be stored, or while the process is shutting down.
pub fn routes(vestibule: Arc<Vestibule>) -> Router {
    Router::new().route("/healthz", get("ok")).route("/readyz", get(ready)).with_state(vestibule)
}

async fn ready(State(vestibule): State<Arc<Vestibule>>) -> impl IntoResponse {
    if vestibule.is_ready().await { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") }
}
