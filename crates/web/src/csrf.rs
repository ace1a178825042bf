//! The protection against requests that another site makes in a visitor's name. All changes that a browser can make
//! pass through it.

use super::{FUNCTIONS, HttpError, PROGRAMS, PublicUrl, session};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Rejects requests from other sites with 403, and content types that we don't send with 415; see [`check`].
pub async fn guard(State(url): State<Arc<PublicUrl>>, mut request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    if request.uri().path().starts_with(FUNCTIONS) {
        // Leptos would redirect a caller that accepts HTML to the address in `Referer`, whatever that is
        request.headers_mut().remove(header::ACCEPT);
        request.headers_mut().remove(header::REFERER);
    }
    match check(request.headers(), request.uri().path(), &url) {
        Ok(()) => next.run(request).await,
        Err(http_error) => http_error.into_response(),
    }
}

fn check(headers: &HeaderMap, path: &str, url: &PublicUrl) -> Result<(), HttpError> {
    if !is_from_here(headers, url) {
        return Err(HttpError::new(
            StatusCode::FORBIDDEN,
            "csrf_rejected",
            "This came from another site",
            "Nothing was changed. Open the page here, and try again.",
        ));
    }
    if !content_types(path).iter().any(|expected| is_of(headers, expected)) {
        return Err(HttpError::of(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Ok(())
}

/// Checks whether the request comes from our own pages. `Sec-Fetch-Site` decides if it is there, because a form on a
/// page with `no-referrer` sends `Origin: null`. Older browsers send `Origin`. A client that sends neither is not a
/// browser, and is allowed if it brings no cookie that could be misused.
fn is_from_here(headers: &HeaderMap, url: &PublicUrl) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    match headers.get(header::ORIGIN) {
        Some(origin) => origin == url.origin.as_str(),
        None => !session::brings_secret(headers, url),
    }
}

/// Returns what the body of a request to this path may be: a form, or JSON for a server function. A program that misses
/// the API's routes comes here too, and may send JSON: it is told that nothing is there.
fn content_types(path: &str) -> &'static [&'static str] {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    match path {
        path if path.starts_with(FUNCTIONS) => &[JSON],
        path if path.starts_with(PROGRAMS) => &[FORM, JSON],
        _ => &[FORM],
    }
}

/// Checks that the content type is exactly this one. If a list, a near miss or no content type at all were allowed, a
/// foreign page could send JSON without a preflight.
fn is_of(headers: &HeaderMap, expected: &str) -> bool {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).into_iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return false };
    let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
    let essence = match kind.split_once(';') {
        Some((essence, parameter)) if parameter.trim() == "charset=utf-8" => essence.trim_end(),
        Some(_) => return false,
        None => kind.as_str(),
    };
    essence == expected
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const COOKIE: (&str, &str) = ("cookie", "__Host-vst_sid=abc");

    fn status(path: &str, headers: &[(&'static str, &'static str)]) -> u16 {
        let lines =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, value)| _ = headers.append(name, value));
        check(&headers, path, &PublicUrl::new("https://app.example")).map_or_else(|no| no.status.as_u16(), |()| 200)
    }

    #[test]
    fn the_browsers_own_word_decides_first() {
        for (site, expected) in [("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("none", 403)] {
            let sent = [FORM, COOKIE, ("sec-fetch-site", site), ("origin", "null")];
            assert_eq!(status("/accept", &sent), expected, "{site}");
        }
    }

    #[test]
    fn an_older_browsers_origin_must_be_ours_exactly() {
        assert_eq!(status("/accept", &[FORM, COOKIE, ("origin", "https://app.example")]), 200);
        for origin in [
            "https://evil.example",
            "null",
            "https://app.example.evil.tld",
            "https://app.example:444",
            "http://app.example",
        ] {
            assert_eq!(status("/accept", &[FORM, COOKIE, ("origin", origin)]), 403, "{origin}");
        }
    }

    #[test]
    fn what_is_no_browser_may_come_without_cookies() {
        assert_eq!(status("/sign-in", &[FORM]), 200);
        assert_eq!(status("/sign-in", &[FORM, COOKIE]), 403);
        assert_eq!(status("/accept", &[FORM, ("cookie", "__Host-vst_inv=abc")]), 403);
    }

    #[test]
    fn content_types_are_matched_exactly() {
        let here = ("sec-fetch-site", "same-origin");
        let sent = |path, kind| status(path, &[here, ("content-type", kind)]);
        assert_eq!(sent("/accept", "application/x-www-form-urlencoded; charset=UTF-8"), 200);
        assert_eq!(sent("/api/invite", "application/json"), 200);
        for kind in ["text/plain", "application/json, text/plain", "application/json;x=y", "multipart/form-data", ""] {
            assert_eq!(sent("/api/invite", kind), 415, "{kind}");
        }
        assert_eq!(sent("/accept", "application/json"), 415);
        assert_eq!(sent("/fn/invitations/resend", "application/json"), 200);
        for kind in ["application/x-www-form-urlencoded", "text/plain", "application/json, text/plain", ""] {
            assert_eq!(sent("/fn/invitations/resend", kind), 415, "{kind}");
        }
        assert_eq!(status("/api/invite", &[here]), 415);
        let twice = [here, ("content-type", "application/json"), ("content-type", "text/plain")];
        assert_eq!(status("/api/invite", &twice), 415);
    }
}
