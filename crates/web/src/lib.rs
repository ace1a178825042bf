//! What every surface needs from HTTP. Nothing in it names a surface's routes.

pub mod authorization;
pub mod body;
pub mod caller;
pub mod client_ip;
pub mod compression;
pub mod connections;
pub mod csrf;
mod day;
pub mod escape;
pub mod export;
pub mod extract;
pub mod form;
pub mod headers;
pub mod health;
pub mod host;
pub mod http_error;
mod json;
pub mod log;
pub mod measure;
pub mod member_file;
pub mod metrics;
pub mod public_url;
pub mod query;
pub mod rate_limit;
pub mod session;
pub mod site;
pub mod text;
pub mod vendor;

pub use client_ip::{ClientIp, Proxies};
pub use day::Day;
pub use escape::escape;
pub use http_error::{ErrorPage, HttpError};
pub use json::Json;
pub use public_url::PublicUrl;
pub use vendor::Vendor;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any_service;
use axum::{Extension, Router};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use vestibule_core::service::Vestibule;

/// The path below which programs send requests: with JSON, and with refusals in JSON.
pub const PROGRAMS: &str = "/api/";
/// The path below which scripts of our own pages call server functions: with JSON, and with refusals in JSON.
pub const FUNCTIONS: &str = "/fn/";

/// The routers to be served, by kind of client.
#[derive(Default)]
pub struct Surfaces {
    /// For browsers, which are prevented from acting in the name of other sites.
    pub pages: Router,
    /// For programs, which send a key with each request. These handlers read the body themselves.
    pub api: Router,
    /// For clients of other vendors' APIs. Only the facade itself answers them, so that every response is in the
    /// vendor's words.
    pub facades: Vec<(&'static Vendor, Router)>,
}

/// Adds all layers to the routes, in the order that they need, and the health checks. `error_page` draws refusals.
/// Handlers find [`ClientIp`] and [`PublicUrl`] as extensions.
pub fn wrap(surfaces: Surfaces, vestibule: &Arc<Vestibule>, error_page: ErrorPage) -> Router {
    let Surfaces { pages, api, facades } = surfaces;
    let url = Arc::new(PublicUrl::new(&vestibule.settings().public_url));
    let proxies = Arc::new(Proxies::new(&vestibule.settings().trusted_proxies));
    // the layer that is added last sees the request first
    let guarded = pages
        .layer(DefaultBodyLimit::max(body::LARGEST))
        .layer(from_fn(text::screen))
        .layer(from_fn(body::gather))
        .layer(from_fn_with_state(Arc::clone(&url), csrf::guard))
        .layer(from_fn_with_state(Arc::clone(&url), host::check));
    // in this order, or requests that match no route are not guarded: merging keeps the fallback of the other router
    let own = health::routes(Arc::clone(vestibule))
        .merge(api.layer(from_fn_with_state(Arc::clone(&url), host::check)))
        .merge(guarded)
        .layer(from_fn(known_method))
        .layer(from_fn_with_state(proxies, client_ip::find))
        .layer(Extension(Arc::clone(&url)))
        .layer(CatchPanicLayer::custom(log::panicked))
        .layer(from_fn_with_state(error_page, http_error::render_error))
        .layer(compression::layer());
    let outermost = |router: Router, roots: Arc<[&'static str]>| {
        let router = router.layer(from_fn_with_state(Arc::clone(&url), headers::add));
        let router = router.layer(from_fn(measure::trace)).layer(from_fn(log::record)).layer(from_fn(measure::count));
        router.layer(from_fn_with_state(roots, log::number))
    };
    let roots = facades.iter().map(|(vendor, _)| vendor.root).collect();
    // nesting does not match the path with a trailing slash
    let below = facades.iter().fold(own, |router, (vendor, facade)| {
        router.nest(vendor.root, facade.clone()).route(&format!("{}/", vendor.root), any_service(facade.clone()))
    });
    let hosts = facades.into_iter().filter_map(|(vendor, facade)| {
        let host = vestibule.settings().facade_host(vendor.surface)?;
        Some((host.to_owned(), outermost(facade, Arc::new(["/"]))))
    });
    host::split(hosts.collect(), outermost(below, roots))
}

/// Rejects methods that no route has before anything else looks at the request.
async fn known_method(request: Request, next: Next) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => {
            next.run(request).await
        }
        _ => HttpError::of(StatusCode::METHOD_NOT_ALLOWED).into_response(),
    }
}
