//! What a handler takes from a request, refused in its surface's own way: `F` is made of what was wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header, request::Parts};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::str::FromStr;

/// A request that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub status: StatusCode,
    /// Stable, for programs.
    pub code: &'static str,
    /// Where in the body or the query, like `invitations[3].email`; empty for the whole.
    pub field: String,
    pub sentence: String,
    /// Whether the field is the query's and not the body's.
    pub is_query: bool,
}

/// A body of JSON, sent as such.
pub struct Json<T, F>(pub T, PhantomData<F>);

/// The query, each name at most once.
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

/// Broken JSON is malformed; JSON that is not what was asked for is invalid, and its field is named.
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
    json.end().map_err(|_| Unreadable::new(StatusCode::BAD_REQUEST, "malformed", "Something follows the JSON."))?;
    Ok(value)
}

impl<S: Send + Sync, T: DeserializeOwned, F: From<Unreadable> + IntoResponse> FromRequestParts<S> for Query<T, F> {
    type Rejection = F;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, F> {
        Ok(Self(query(parts.uri.query().unwrap_or_default())?, PhantomData))
    }
}

/// What stands after an address's question mark.
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

/// The path's parameter of this name; none when it is not what it should be. Nothing has a name with U+0000 in it.
pub async fn path_parameter<T: FromStr>(parts: &mut Parts, name: &str) -> Option<T> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, text) = params.iter().find(|(key, _)| *key == name)?;
    (!text.contains('\0')).then(|| text.parse().ok())?
}

impl Unreadable {
    /// Of a body that [`super::body::whole`] gave up; `largest` is how many bytes it might have.
    pub fn of_body(status: StatusCode, largest: usize) -> Self {
        let (code, sentence) = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("content_encoding", "Send the body as it is, unpacked.".to_owned()),
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

/// `64 KB`, `1 MB`.
fn size(bytes: usize) -> String {
    match bytes / 1024 {
        kilobytes if kilobytes >= 1024 => format!("{} MB", kilobytes / 1024),
        kilobytes => format!("{kilobytes} KB"),
    }
}

/// Whether the body is said to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// What a parser says, as a sentence, without the place that means little to a reader of one line.
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
