//! The credential that a program brings with each request.

use axum::http::{HeaderMap, header};

/// What stands behind `Authorization: Bearer`. `None` for no such header, and for every other scheme.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}
