//! The credentials that a program sends with each request.

use axum::http::{HeaderMap, header};
use headers::{Authorization, HeaderMapExt, authorization::Basic};

/// Returns the credentials of `Authorization: Bearer`. Returns `None` if the header is missing or has another scheme.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    of_scheme(headers, "bearer")
}

/// Returns the credentials of `Authorization: token`, which is Snyk's scheme. Returns `None` if the header is missing
/// or has another scheme.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    of_scheme(headers, "token")
}

/// Returns user and password of `Authorization: Basic` (RFC 7617). The password may contain colons. Returns `None` if
/// the header is missing or is not text, and if one of the two is empty.
pub fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let Authorization(basic) = headers.typed_get::<Authorization<Basic>>()?;
    let (user, password) = (basic.username(), basic.password());
    (!user.is_empty() && !password.is_empty()).then(|| (user.to_owned(), password.to_owned()))
}

/// Returns what follows the name of the scheme, whose case does not matter (RFC 9110, 11.1).
fn of_scheme<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (named, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    named.eq_ignore_ascii_case(scheme).then(|| rest.trim()).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    fn headers(value: &[u8]) -> HeaderMap {
        let value = axum::http::HeaderValue::from_bytes(value).unwrap();
        [(header::AUTHORIZATION, value)].into_iter().collect()
    }

    #[test]
    fn basic_credentials_are_two_texts_with_a_colon_between() {
        let read = |text: &[u8]| basic(&headers(format!("Basic {}", STANDARD.encode(text)).as_bytes()));
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(read(b"key:secret"), pair("key", "secret"));
        assert_eq!(read(b"key:se:cret"), pair("key", "se:cret"));
        for bad in [&b"key"[..], b":secret", b"key:", b"", b"k\xff:secret"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        let whole = |text: &str| basic(&headers(text.as_bytes()));
        assert_eq!(whole("bAsIc a2V5OnNlY3JldA=="), pair("key", "secret"));
        for bad in ["Basic", "Basic ", "Basic !", "Bearer a2V5OnNlY3JldA==", "a2V5OnNlY3JldA==", &"x".repeat(8_192)] {
            assert_eq!(whole(bad), None, "{bad}");
        }
    }
}
