//! The security headers of every response: pages, refusals and files alike.

use super::PublicUrl;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The policy for responses without scripts. These are all but the portal's pages, which set their own policy with a
/// nonce.
pub const NO_SCRIPTS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
     base-uri 'none'; object-src 'none'",
);

const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// Two years, as the preload lists demand.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
const FEATURES: HeaderValue =
    HeaderValue::from_static("camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)");

/// Sets the headers that the response has not set itself.
pub async fn add(State(url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    // only these addresses contain a token
    let referrer = if request.uri().path().starts_with("/i/") { NO_REFERRER } else { SAME_ORIGIN };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: HeaderValue| _ = headers.entry(name).or_insert(value);
    add(header::CONTENT_SECURITY_POLICY, NO_SCRIPTS);
    add(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    add(HeaderName::from_static("cross-origin-opener-policy"), SAME_ORIGIN);
    add(HeaderName::from_static("cross-origin-resource-policy"), SAME_ORIGIN);
    add(header::REFERRER_POLICY, referrer);
    add(HeaderName::from_static("permissions-policy"), FEATURES);
    add(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if url.is_https {
        add(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    response
}
