//! The headers that tell an API key how many requests it has left.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use vestibule_domain::rate_limit::RateLimitStatus;

/// Sets `RateLimit-Limit`, `-Remaining` and `-Reset`, the last in seconds (draft-ietf-httpapi-ratelimit-headers-06).
pub fn write_headers(left: RateLimitStatus, headers: &mut HeaderMap) {
    let seconds = left.reset.as_secs() + u64::from(left.reset.subsec_nanos() > 0);
    headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(left.limit));
    headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(left.remaining));
    headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(seconds));
}

/// Returns the limit and what is left of it, converted from requests per minute to requests per hour.
pub fn of_an_hour(left: RateLimitStatus) -> (u32, u32) {
    let limit = left.limit.saturating_mul(60);
    (limit, limit - (left.limit - left.remaining))
}
