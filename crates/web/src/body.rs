//! The limits on the size and the time of a request's body.

use super::Refusal;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// The most bytes of the largest form, for thousands of email addresses pasted at once.
pub const LARGEST: usize = 256 * 1024;
/// The most bytes of every other form.
const FORM: usize = 64 * 1024;
/// The time for a whole body, however large. A form takes a moment; a client that sends it in a trickle occupies a
/// connection for no good reason.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the limit for routers that take nothing larger than an ordinary form, such as everything that is open to
/// strangers.
pub fn form_sized() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FORM)
}

/// Reads the whole body before any handler starts, so that the same limits apply to all handlers, and none of them
/// waits.
pub async fn gather(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match whole(&parts.headers, body, LARGEST).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(status) => Refusal::of(status).into_response(),
    }
}

/// Returns the whole body, of at most `largest` bytes. Otherwise returns the status that says why not: 415 for a
/// compressed body, 413, 408, or 400.
pub async fn whole(headers: &HeaderMap, body: Body, largest: usize) -> Result<Bytes, StatusCode> {
    if is_compressed(headers) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    if length(headers).is_some_and(|length| length > largest) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, largest)).await {
        Ok(read) => read.map_err(|error| status_of(&error)),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Checks whether the body is compressed. Nothing is decompressed, and no form of ours is compressed.
fn is_compressed(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity")
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn status_of(error: &axum::Error) -> StatusCode {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return StatusCode::PAYLOAD_TOO_LARGE;
        }
        cause = error.source();
    }
    StatusCode::BAD_REQUEST
}
