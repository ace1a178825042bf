//! The compression of pages. It happens only where a surface allows it: next to a secret, the length of the compressed
//! page reveals, guess by guess, whether text that an attacker put into the page resembles the secret (BREACH).

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};

/// The size in bytes below which a compressed page is hardly smaller, or needs as many packets.
const WORTH_IT: u16 = 1024;

/// The mark of a response whose length may depend on its content.
#[derive(Clone)]
struct Allowed;

/// Allows the responses of a surface's router to be compressed. The exceptions are routes that begin with one of the
/// patterns in `secret`, because they show secrets.
pub async fn allow(State(secret): State<&'static [&'static str]>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_open = path.is_some_and(|path| !secret.iter().any(|secret| path.starts_with(secret)));
    let mut response = next.run(request).await;
    if is_open {
        response.extensions_mut().insert(Allowed);
    }
    response
}

/// Returns the layer that compresses pages for which this is allowed. Files have their own compressed forms, and a
/// stream of events must not wait until there is enough to compress.
pub fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT).and(is_allowed_page))
}

fn is_allowed_page(_: StatusCode, _: Version, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") && extensions.get::<Allowed>().is_some()
}
