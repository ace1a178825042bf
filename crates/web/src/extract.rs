//! Extractors whose rejections are in the surface's own form: `F` is created from what was wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header, request::Parts};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::str::FromStr;

/// The error of a request that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub status: StatusCode,
    /// The stable code for programs.
    pub code: &'static str,
    /// The path in the body or the query, like `invitations[3].email`, or empty for the whole.
    pub field: String,
    pub sentence: String,
    /// Whether the field is in the query and not in the body.
    pub is_query: bool,
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

impl<S: Send + Sync, T: DeserializeOwned, F: From<Unreadable> + IntoResponse> FromRequest<S> for Json<T, F> {
    type Rejection = F;

    async fn from_request(request: Request, state: &S) -> Result<Self, F> {
        if !is_json(request.headers()) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(
                Unreadable::new(status, "content_type", "Send JSON, with Content-Type: application/json.").into()
            );
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Unreadable::new(rejection.status(), "body", "The body could not be read."))?;
        Ok(Self(parse(&bytes)?, PhantomData))
    }
}

/// Parses JSON. Broken JSON is `malformed`. JSON of another shape than expected is `invalid`, and the error names the
/// field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let field = if matches!(field.as_str(), "." | "?") { String::new() } else { field };
        let is_data = error.inner().is_data();
        let (status, code) = match is_data {
            true => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            false => (StatusCode::BAD_REQUEST, "malformed"),
        };
        Unreadable { status, code, field, sentence: sentence(&error.inner().to_string()), is_query: false }
    })?;
    json.end().map_err(|_| Unreadable::new(StatusCode::BAD_REQUEST, "malformed", "There is text after the JSON."))?;
    Ok(value)
}

impl<S: Send + Sync, T: DeserializeOwned, F: From<Unreadable> + IntoResponse> FromRequestParts<S> for Query<T, F> {
    type Rejection = F;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, F> {
        Ok(Self(query(parts.uri.query().unwrap_or_default())?, PhantomData))
    }
}

/// Parses a query, the text after an address's question mark.
pub fn query<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let refused =
        |cause: &str| Unreadable::new(StatusCode::BAD_REQUEST, "query", format!("The query: {}", sentence(cause)));
    let uri = Uri::try_from(format!("/?{text}")).map_err(|error| refused(&error.to_string()))?;
    let read = axum::extract::Query::<T>::try_from_uri(&uri).map_err(|rejection| {
        let cause = std::error::Error::source(&rejection).map_or_else(|| rejection.body_text(), ToString::to_string);
        refused(&cause)
    })?;
    Ok(read.0)
}

/// Returns the path parameter of this name, or `None` if it can't be parsed. A parameter with U+0000 never can.
pub async fn path_parameter<T: FromStr>(parts: &mut Parts, name: &str) -> Option<T> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, text) = params.iter().find(|(key, _)| *key == name)?;
    (!text.contains('\0')).then(|| text.parse().ok())?
}

impl Unreadable {
    /// Returns the error for a body that [`super::body::whole`] rejected. `largest` is the most bytes that it may have.
    pub fn of_body(status: StatusCode, largest: usize) -> Self {
        let (code, sentence) = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("content_encoding", "Send the body uncompressed.".to_owned()),
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", format!("Send at most {} at once.", size(largest))),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "The body did not arrive within a minute.".to_owned()),
            _ => ("body", "The body could not be read.".to_owned()),
        };
        Self::new(status, code, sentence)
    }

    pub fn new(status: StatusCode, code: &'static str, sentence: impl Into<String>) -> Self {
        Self { status, code, field: String::new(), sentence: sentence.into(), is_query: false }
    }
}

/// Returns a size like `64 KB` or `1 MB`.
fn size(bytes: usize) -> String {
    match bytes / 1024 {
        kilobytes if kilobytes >= 1024 => format!("{} MB", kilobytes / 1024),
        kilobytes => format!("{kilobytes} KB"),
    }
}

/// Checks whether the content type says that the body is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
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
        (refused.status.as_u16(), refused.code, refused.field)
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
