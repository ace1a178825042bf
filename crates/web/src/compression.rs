//! Pages in fewer bytes. Only where a surface allows it: beside a secret, the length of what is compressed tells, guess
//! by guess, whether what an attacker had put into the page is like the secret (BREACH).

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::compression::{CompressionLayer, Predicate, predicate::SizeAbove};

/// Below this a compressed page is hardly smaller, or fits into as many packets.
const WORTH_IT: u16 = 1024;

/// Marks a response whose length may depend on what it says.
#[derive(Clone)]
struct Allowed;

/// For the router of a surface: its responses may be compressed, but for the routes that begin with one of these
/// patterns, which show secrets.
pub async fn allow(State(secret): State<&'static [&'static str]>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_open = path.is_some_and(|path| !secret.iter().any(|secret| path.starts_with(secret)));
    let mut response = next.run(request).await;
    if is_open {
        response.extensions_mut().insert(Allowed);
    }
    response
}

/// Compresses what is allowed and is a page; files bring their own compressed forms, and a stream of events
/// must not wait until there is enough of it.
pub fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT).and(is_allowed_page))
}

fn is_allowed_page(_: StatusCode, _: Version, headers: &HeaderMap, extensions: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") && extensions.get::<Allowed>().is_some()
}
