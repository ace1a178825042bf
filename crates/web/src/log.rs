//! The log's line for each request, and the id by which a failure is found again. Routes are identified by their
//! pattern and never by the requested path, which may contain a token.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request in the log, in the response and on the page of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

/// Why a response is an error. It goes to the log, once, and nowhere else.
#[derive(Clone)]
pub struct Cause(pub Arc<dyn Error + Send + Sync>);

impl RequestId {
    /// Returns the id that a proxy sent if it is acceptable, else a new one.
    fn of(request: &Request) -> Self {
        let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        given.filter(|id| is_sane(id)).map_or_else(Self::new, |id| Self(id.to_owned()))
    }

    /// Returns an id of ten letters and digits that are not confused when read aloud.
    fn new() -> Self {
        const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut bits: u64 = rand::random();
        let mut id = String::with_capacity(10);
        for _ in 0..10 {
            id.push(char::from(LETTERS[usize::try_from(bits & 31).unwrap_or_default()]));
            bits >>= 5;
        }
        Self(id)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks that an id can't break a line of the log or a page. Our tokens and keys begin with `vs`, a letter and `_`,
/// and are never accepted as ids.
fn is_sane(id: &str) -> bool {
    let letters = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    (8..=64).contains(&id.len()) && letters && !id.starts_with("vs")
}

/// Gives a UUID to each request below one of these paths that brings no id. The clients of the facades expect one.
pub async fn number(State(roots): State<Arc<[&'static str]>>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_theirs = roots.iter().any(|root| path.starts_with(root));
    if is_theirs && !request.headers().contains_key(REQUEST_ID) {
        let id = uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string();
        let id = HeaderValue::from_str(&id).expect("a UUID is plain text");
        request.headers_mut().insert(REQUEST_ID, id);
    }
    next.run(request).await
}

/// Gives the request an id, runs it, and logs it.
pub async fn record(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", request.id = id.as_str());
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| line(method.as_str(), &route, &response, started.elapsed()));
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        // a facade may have to return the id that it received, whatever it is
        response.headers_mut().entry(REQUEST_ID).or_insert(value);
    }
    response
}

fn line(method: &str, route: &str, response: &Response, took: Duration) {
    let status = response.status();
    let (code, millis) = (status.as_u16(), took.as_millis());
    if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
        let cause = response.extensions().get::<Cause>().map_or_else(|| "unknown".to_owned(), |cause| chain(&*cause.0));
        tracing::error!(method, route, status = code, took_ms = millis, cause, "A request failed");
    } else if status.is_client_error() {
        tracing::debug!(method, route, status = code, took_ms = millis, "A request was refused");
    } else {
        tracing::info!(method, route, status = code, took_ms = millis, "A request was answered");
    }
}

/// Returns the text of an error and of its causes, the outermost first.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

/// Turns a panic into a response like that of any other failure, while the process goes on.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    failed(Arc::from(cause_of(panic)))
}

/// Returns the message of a panic as the cause of a failure.
pub fn cause_of(panic: Box<dyn Any + Send + 'static>) -> Box<dyn Error + Send + Sync> {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    format!("panicked: {text}").into()
}

/// Returns a 500 that carries its cause to the log.
pub fn failed(cause: Arc<dyn Error + Send + Sync>) -> Response {
    let mut response = super::HttpError::of(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    response.extensions_mut().insert(Cause(cause));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_different() {
        let (one, other) = (RequestId::new(), RequestId::new());
        assert_eq!(one.as_str().len(), 10);
        assert_ne!(one, other);
    }

    #[test]
    fn a_proxys_number_is_taken_only_if_it_is_one() {
        for (id, sane) in [("0af7651916cd43dd", true), ("short", false), ("a\"b c{d}e", false), ("vst_abcdefgh", false)]
        {
            assert_eq!(is_sane(id), sane, "{id}");
        }
    }
}
