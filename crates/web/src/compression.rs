//! The compression of pages. It happens only where a route asks for it: next to a secret, the length of the compressed
//! page reveals, guess by guess, whether text that an attacker put into the page resembles the secret (BREACH).

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::MethodRouter;
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};

/// The size in bytes below which a compressed page is hardly smaller, or needs as many packets.
const WORTH_IT: u16 = 1024;

/// The mark of a response whose length may depend on its content.
#[derive(Clone)]
struct Allowed;

/// Lets the pages of a route be compressed. Only for pages that show no secret: no link, no code, no key.
pub fn compressed<S: Clone + Send + Sync + 'static>(route: MethodRouter<S>) -> MethodRouter<S> {
    route.layer(map_response(async |mut response: Response| {
        response.extensions_mut().insert(Allowed);
        response
    }))
}

/// Returns the layer that compresses the pages whose route asks for it. Files have their own compressed forms, and a
/// stream of events must not wait until there is enough to compress.
pub fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT).and(is_allowed_page))
}

fn is_allowed_page(_: StatusCode, _: Version, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") && extensions.get::<Allowed>().is_some()
}
