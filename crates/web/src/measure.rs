//! The metrics and traces of requests. Routes are identified by their pattern and never by the requested path, so that
//! there are no more labels than routes.

use super::log::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::{Instrument, Span, field::Empty};
use vestibule_telemetry::{metrics, traces};

/// Counts the request by method, route and status, and measures the time until the response begins.
pub async fn count(request: Request, next: Next) -> Response {
    let (begun, method, route) = (Instant::now(), word(request.method()), route(&request));
    let answering = metrics::request_begins();
    let response = next.run(request).await;
    drop(answering);
    metrics::request_answered(method, &route, response.status().as_u16(), begun.elapsed());
    response
}

/// Starts a trace for the request. A client's own trace context is ignored: otherwise strangers would decide which
/// traces are kept.
pub async fn trace(request: Request, next: Next) -> Response {
    let span = span(&request);
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        traces::failed(&span);
    }
    response
}

fn span(request: &Request) -> Span {
    let (method, route) = (word(request.method()), route(request));
    tracing::info_span!(
        target: traces::TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        request.id = request.extensions().get::<RequestId>().map(RequestId::as_str),
        http.response.status_code = Empty,
        otel.status_code = Empty,
    )
}

fn route(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned()
}

/// Returns the method as a label. Clients can invent methods, so unknown ones share a label.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "_OTHER",
    }
}
