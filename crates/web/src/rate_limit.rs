//! What a key is told about the requests that it has left.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use vestibule_domain::rate_limit::Left;

/// `RateLimit-Limit`, `-Remaining` and `-Reset` in seconds (draft-ietf-httpapi-ratelimit-headers-06).
pub fn tell(left: Left, headers: &mut HeaderMap) {
    let seconds = left.reset.as_secs() + u64::from(left.reset.subsec_nanos() > 0);
    headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(left.limit));
    headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(left.remaining));
    headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(seconds));
}

/// The limit, and what is left of it, as if it were by the hour.
pub fn of_an_hour(left: Left) -> (u32, u32) {
    let limit = left.limit.saturating_mul(60);
    (limit, limit - (left.limit - left.remaining))
}
