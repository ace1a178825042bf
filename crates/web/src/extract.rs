//! Extractors whose rejections are in the surface's own form: `F` is created from what was wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header, request::Parts};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::str::FromStr;
use url::form_urlencoded;

/// The error of a request that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRejection {
    pub kind: UnreadableKind,
    /// The stable code for programs.
    pub code: &'static str,
    /// The path in the body or the query, like `invitations[3].email`, or empty for the whole.
    pub field: String,
    pub sentence: String,
    /// Whether the field is in the query and not in the body.
    pub is_query: bool,
}

/// The kinds of errors. Every surface matches them exhaustively and words them in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableKind {
    /// The request is not text, not JSON, or breaks a rule of HTTP.
    Malformed,
    /// It has another shape than expected.
    Invalid,
    TooLarge,
    /// The body has another content type or is compressed.
    MediaType,
    /// The body did not arrive in time.
    Timeout,
}

/// The content types that a body can have.
pub struct MediaType {
    names: &'static [&'static str],
    /// What to send instead of any other.
    sentence: &'static str,
    /// Whether the body can be empty, which means null.
    is_optional: bool,
}

/// A JSON body that was sent as such.
pub struct Json<T, F>(pub T, PhantomData<F>);

/// The query, in which each name occurs at most once.
pub struct Query<T, F>(pub T, PhantomData<F>);

impl<T, F> Json<T, F> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<S: Send + Sync, T: DeserializeOwned, F: From<RequestRejection> + IntoResponse> FromRequest<S> for Json<T, F> {
    type Rejection = F;

    async fn from_request(request: Request, _: &S) -> Result<Self, F> {
        Ok(Self(json(request, &MediaType::JSON).await?, PhantomData))
    }
}

/// Reads a JSON body. Broken JSON is `malformed`. JSON of another shape than expected is `invalid`, and the error names
/// the field.
pub async fn json<T: DeserializeOwned>(request: Request, kind: &MediaType) -> Result<T, RequestRejection> {
    let is_right = kind.check(request.headers());
    let bytes = Bytes::from_request(request, &()).await;
    let bytes = bytes.map_err(|_| UnreadableKind::Malformed.with("body", "The body could not be read."))?;
    if bytes.is_empty() && kind.is_optional {
        return parse(b"null");
    }
    is_right?;
    parse(&bytes)
}

impl MediaType {
    pub const JSON: Self = Self {
        names: &["application/json"],
        sentence: "Send JSON, with Content-Type: application/json.",
        is_optional: false,
    };

    /// JSON or an empty body.
    pub const OPTIONAL_JSON: Self = Self { is_optional: true, ..Self::JSON };

    pub const FORM: Self = Self {
        names: &["application/x-www-form-urlencoded"],
        sentence: "Send a form, with Content-Type: application/x-www-form-urlencoded.",
        is_optional: false,
    };

    pub const fn new(names: &'static [&'static str], sentence: &'static str) -> Self {
        Self { names, sentence, is_optional: false }
    }

    /// Fails when the body has another content type.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), RequestRejection> {
        if self.is(headers) { Ok(()) } else { Err(UnreadableKind::MediaType.with("content_type", self.sentence)) }
    }

    /// Checks whether the body has one of these content types.
    pub fn is(&self, headers: &HeaderMap) -> bool {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        self.names.iter().any(|name| kind.eq_ignore_ascii_case(name))
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RequestRejection> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let field = if matches!(field.as_str(), "." | "?") { String::new() } else { field };
        let sentence = sentence(&error.inner().to_string());
        match error.inner().is_data() {
            true => RequestRejection { field, ..UnreadableKind::Invalid.with("invalid", sentence) },
            false => RequestRejection { field, ..UnreadableKind::Malformed.with("malformed", sentence) },
        }
    })?;
    json.end().map_err(|_| UnreadableKind::Malformed.with("malformed", "There is text after the JSON."))?;
    Ok(value)
}

impl<S: Send + Sync, T: DeserializeOwned, F: From<RequestRejection> + IntoResponse> FromRequestParts<S>
    for Query<T, F>
{
    type Rejection = F;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, F> {
        Ok(Self(query(parts.uri.query().unwrap_or_default())?, PhantomData))
    }
}

/// Parses a query, the text after an address's question mark.
pub fn query<T: DeserializeOwned>(text: &str) -> Result<T, RequestRejection> {
    let refused = |cause: &str| UnreadableKind::Malformed.with("query", format!("The query: {}", sentence(cause)));
    let uri = Uri::try_from(format!("/?{text}")).map_err(|error| refused(&error.to_string()))?;
    let read = axum::extract::Query::<T>::try_from_uri(&uri).map_err(|rejection| {
        let cause = std::error::Error::source(&rejection).map_or_else(|| rejection.body_text(), ToString::to_string);
        refused(&cause)
    })?;
    Ok(read.0)
}

/// Returns the names of a query with their values, in their order.
pub fn pairs(uri: &Uri) -> Vec<(String, String)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

/// Returns the path parameter of this name, or `None` if it can't be parsed. A parameter with U+0000 never can.
pub async fn path_parameter<T: FromStr>(parts: &mut Parts, name: &str) -> Option<T> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, text) = params.iter().find(|(key, _)| *key == name)?;
    (!text.contains('\0')).then(|| text.parse().ok())?
}

impl RequestRejection {
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }
}

impl UnreadableKind {
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Returns the error about the whole request.
    pub fn with(self, code: &'static str, sentence: impl Into<String>) -> RequestRejection {
        RequestRejection { kind: self, code, field: String::new(), sentence: sentence.into(), is_query: false }
    }
}

/// Turns a parser's message into a sentence, without the line and column, which mean little for JSON in one line.
fn sentence(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or(text).trim_end_matches('.');
    let mut letters = text.chars();
    let first = letters.next().map_or_else(String::new, |first| first.to_uppercase().collect());
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rows {
        #[expect(dead_code, reason = "only its refusal matters")]
        rows: Vec<u8>,
    }

    fn refused(text: &str) -> (u16, &'static str, String) {
        let refused = parse::<Rows>(text.as_bytes()).unwrap_err();
        (refused.status().as_u16(), refused.code, refused.field)
    }

    #[test]
    fn broken_json_is_malformed_and_wrong_json_is_invalid() {
        assert_eq!(refused("{"), (400, "malformed", String::new()));
        assert_eq!(refused("{\"rows\":[]} x"), (400, "malformed", String::new()));
        assert_eq!(refused("{\"rows\":[1,true]}"), (422, "invalid", "rows[1]".into()));
        assert_eq!(refused("{\"rows\":[],\"org_id\":1}"), (422, "invalid", "org_id".into()));
        assert_eq!(refused("[]").0, 422);
    }
}
