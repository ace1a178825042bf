//! The site's own files: the portal's WASM, scripts and styles, icons, robots.txt. `make build` collects them in
//! `target/site`. A release binary contains them, each also in compressed form, and a debug build reads them from that
//! folder on every request.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use headers::{ETag, HeaderMapExt, IfNoneMatch};
use rust_embed::EmbeddedFile;

/// A year: the address changes with the content, so browsers never need to ask again.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// An hour, because the address is the same when the content changes.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Always ask: under `make dev`, the content changes while the address is the same.
const ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// Whether the files are in the binary, as `rust_embed` has it: a debug build reads them from the folder, where they
/// can change while it runs.
const IS_EMBEDDED: bool = !cfg!(debug_assertions);

#[derive(rust_embed::Embed)]
#[folder = "../../target/site"]
#[allow_missing = true]
struct Site;

/// Returns the routes for all files: `/pkg/<version>/…` for those that the build created, and the plain path for each
/// file from `public/`. They answer GET and HEAD, and respond with 405 to other methods and with 404 to a version that
/// is not [`version`].
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Site::iter().filter(|path| !path.starts_with("pkg/") && !is_compressed(path)).fold(
        Router::new().route("/pkg/{version}/{*path}", get(versioned)),
        |router, path| {
            let address = format!("/{path}");
            router.route(&address, get(move |headers: HeaderMap| async move { plain(&path, &headers) }))
        },
    )
}

/// Returns the version of everything under `/pkg/`: 16 hexadecimal digits, which change whenever a file does. A debug
/// build, whose files may change while it runs, always returns `dev`.
pub fn version() -> String {
    VERSION.clone()
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    if !IS_EMBEDDED {
        return "dev".to_owned();
    }
    use sha2::{Digest, Sha256};
    let mut all = Sha256::new();
    for path in Site::iter().filter(|path| path.starts_with("pkg/")) {
        all.update(path.as_bytes());
        all.update(Site::get(&path).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
    }
    hex(&all.finalize()[..8])
});

async fn versioned(Path((asked, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if asked != *VERSION {
        return StatusCode::NOT_FOUND.into_response();
    }
    let cache = if IS_EMBEDDED { FOREVER } else { ASK };
    File::find(&format!("pkg/{path}")).map_or_else(not_found, |file| file.respond(&headers, cache))
}

fn plain(path: &str, headers: &HeaderMap) -> Response {
    File::find(path).map_or_else(not_found, |file| file.respond(headers, FOR_AN_HOUR))
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// A file in each form that can be sent.
struct File {
    content_type: String,
    /// The digest of the uncompressed content, from which the entity tag is made.
    digest: String,
    identity: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl File {
    fn find(path: &str) -> Option<Self> {
        if is_compressed(path) {
            return None;
        }
        let file = Site::get(path)?;
        // a debug build may find compressed files that an earlier release build left next to a newer file
        let compressed = |suffix| Site::get(&format!("{path}.{suffix}")).filter(|_| IS_EMBEDDED).map(bytes);
        Some(Self {
            content_type: content_type(path),
            digest: hex(&file.metadata.sha256_hash()[..8]),
            identity: bytes(file),
            brotli: compressed("br"),
            gzip: compressed("gz"),
        })
    }

    fn respond(&self, request: &HeaderMap, cache: HeaderValue) -> Response {
        let accept = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        let (coding, body) = self.choose(accept.unwrap_or_default());
        let tag: Option<ETag> = format!("\"{}{}\"", self.digest, coding.suffix()).parse().ok();
        let mut response = if tag.as_ref().is_some_and(|tag| already_has(request, tag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.whole(coding, body.clone())
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, cache);
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(tag) = tag {
            headers.typed_insert(tag);
        }
        response
    }

    fn whole(&self, coding: Coding, body: Bytes) -> Response {
        let mut response = ([(header::CONTENT_TYPE, self.content_type.clone())], Body::from(body)).into_response();
        if let Some(name) = coding.name() {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }

    /// Returns the form that the client prefers, and the smallest of equals, or the uncompressed form if it accepts
    /// none.
    fn choose(&self, accept: &str) -> (Coding, &Bytes) {
        let forms = [
            (Coding::Brotli, self.brotli.as_ref()),
            (Coding::Gzip, self.gzip.as_ref()),
            (Coding::Identity, Some(&self.identity)),
        ];
        let mut best = (Coding::Identity, &self.identity, 0);
        for (coding, body) in forms {
            let quality = coding.quality(accept);
            if let Some(body) = body
                && quality > best.2
            {
                best = (coding, body, quality);
            }
        }
        (best.0, best.1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
    Identity,
}

impl Coding {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// Returns the suffix that distinguishes the entity tags of a file's forms.
    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }

    /// Returns the preference for this coding in an `Accept-Encoding` header, in thousandths: its own `q`, else that of
    /// `*`. Uncompressed is the last resort if the header does not mention it (RFC 9110, 12.5.3).
    fn quality(self, accept: &str) -> u16 {
        let name = self.name().unwrap_or("identity");
        let unsaid = u16::from(self == Self::Identity);
        quality(accept, name).or_else(|| quality(accept, "*")).unwrap_or(unsaid)
    }
}

/// Returns the `q` that a list such as `gzip;q=0.8, br` assigns to `name`, in thousandths, or `None` if it does not
/// contain the name. A `q` that is not a number counts as zero.
fn quality(accept: &str, name: &str) -> Option<u16> {
    accept.split(',').find_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(name) {
            return None;
        }
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some(q.map_or(1000, thousandths))
    })
}

/// Parses a number like `0`, `0.25` or `1.000`, one digit and up to three decimals, in thousandths.
fn thousandths(q: &str) -> u16 {
    let (whole, decimals) = q.split_once('.').unwrap_or((q, ""));
    format!("{whole}{decimals:0<3.3}").parse().map_or(0, |q: u16| q.min(1000))
}

/// Checks whether `If-None-Match` contains the tag. Intermediaries may have turned it into a weak one.
fn already_has(request: &HeaderMap, tag: &ETag) -> bool {
    request.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(tag))
}

fn content_type(path: &str) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    if guess.type_() == mime_guess::mime::TEXT { format!("{guess}; charset=utf-8") } else { guess.to_string() }
}

fn is_compressed(path: &str) -> bool {
    path.ends_with(".br") || path.ends_with(".gz")
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    fn script() -> File {
        File {
            content_type: "text/javascript; charset=utf-8".to_owned(),
            digest: "0123456789abcdef".to_owned(),
            identity: Bytes::from_static(b"plain"),
            brotli: Some(Bytes::from_static(b"br")),
            gzip: Some(Bytes::from_static(b"gz")),
        }
    }

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_best_liked_coding_is_sent() {
        for (accept, expected) in [
            ("", Coding::Identity),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip, deflate", Coding::Gzip),
            ("GZIP", Coding::Gzip),
            ("br;q=0.5, gzip;q=0.9", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0.1, br;q=0", Coding::Gzip),
            ("identity, gzip;q=0.5", Coding::Identity),
            ("deflate", Coding::Identity),
            ("identity;q=0", Coding::Identity),
            ("br;q=zero", Coding::Identity),
            ("br ; q=0.001", Coding::Brotli),
        ] {
            assert_eq!(script().choose(accept).0, expected, "{accept}");
        }
    }

    #[test]
    fn a_coding_that_was_not_made_is_not_chosen() {
        let file = File { brotli: None, ..script() };
        assert_eq!(file.choose("br, gzip;q=0.2").0, Coding::Gzip);
    }

    #[test]
    fn each_form_has_its_own_tag_and_says_what_it_is() {
        let response = script().respond(&asking(header::ACCEPT_ENCODING, "br"), FOREVER);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(response.headers()[header::ETAG], "\"0123456789abcdef-br\"");
        assert_eq!(response.headers()[header::VARY], "accept-encoding");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn a_known_tag_is_answered_without_a_body() {
        for known in ["\"0123456789abcdef\"", "W/\"0123456789abcdef\"", "\"other\", \"0123456789abcdef\"", "*"] {
            let response = script().respond(&asking(header::IF_NONE_MATCH, known), FOREVER);
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(response.headers().contains_key(header::ETAG));
            assert!(!response.headers().contains_key(header::CONTENT_TYPE));
        }
        let response = script().respond(&asking(header::IF_NONE_MATCH, "\"0123456789abcdef-br\""), FOREVER);
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn only_the_current_version_answers_and_only_to_reading() {
        let current = format!("/pkg/{}/no-such-file.js", version());
        for (method, path, expected) in [
            ("GET", current.as_str(), StatusCode::NOT_FOUND),
            ("GET", "/pkg/0000000000000000/vestibule.js", StatusCode::NOT_FOUND),
            ("POST", current.as_str(), StatusCode::METHOD_NOT_ALLOWED),
        ] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let response = router::<()>().oneshot(request).await.unwrap();
            assert_eq!(response.status(), expected, "{method} {path}");
        }
    }

    #[test]
    fn types_are_what_browsers_insist_on() {
        for (path, expected) in [
            ("pkg/vestibule.js", "text/javascript; charset=utf-8"),
            ("pkg/vestibule.wasm", "application/wasm"),
            ("pkg/vestibule.css", "text/css; charset=utf-8"),
            ("favicon.svg", "image/svg+xml"),
            ("robots.txt", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(content_type(path), expected);
        }
    }
}
