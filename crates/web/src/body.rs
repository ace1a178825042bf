//! The limits on the size and the time of a request's body.

use super::HttpError;
use super::extract::{RequestRejection, UnreadableKind};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, header};
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
        Err(unreadable) => HttpError::of(unreadable.status()).into_response(),
    }
}

/// Returns the whole body, of at most `largest` bytes. Fails when it is compressed, larger, too slow or cut off.
pub async fn whole(headers: &HeaderMap, body: Body, largest: usize) -> Result<Bytes, RequestRejection> {
    if is_compressed(headers) {
        return Err(UnreadableKind::MediaType.with("content_encoding", "Send the body uncompressed."));
    }
    let too_large = || UnreadableKind::TooLarge.with("too_large", format!("Send at most {} at once.", size(largest)));
    if length(headers).is_some_and(|length| length > largest) {
        return Err(too_large());
    }
    match tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, largest)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_of_length(&error) => Err(too_large()),
        Ok(Err(_)) => Err(UnreadableKind::Malformed.with("body", "The body could not be read.")),
        Err(_) => Err(UnreadableKind::Timeout.with("timeout", "The body did not arrive within a minute.")),
    }
}

/// Returns a size like `64 KB` or `1 MB`.
fn size(bytes: usize) -> String {
    match bytes / 1024 {
        kilobytes if kilobytes >= 1024 => format!("{} MB", kilobytes / 1024),
        kilobytes => format!("{kilobytes} KB"),
    }
}

/// Checks whether the body is compressed. Nothing is decompressed, and no form of ours is compressed.
fn is_compressed(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity")
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_of_length(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
