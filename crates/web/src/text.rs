//! The check of all text that comes in, on every surface and before any handler.
//!
//! PostgreSQL can't store U+0000, and nobody means to send it. The number of values with one name is limited, because
//! each is work for the database.

use super::extract::{MediaType, RequestRejection, UnreadableKind};
use super::{FUNCTIONS, HttpError};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use url::form_urlencoded::parse;
use vestibule_domain::Violation;
use vestibule_domain::bounds::{MAX_VALUES, too_many};

/// What is wrong with the text of a form, by field. It accompanies the form, so that the handler can reject it and show
/// the form again.
#[derive(Clone)]
pub struct TextViolations(pub Arc<[Violation]>);

/// Rejects a query or a body with text that can't be stored, and names the field. It is for programs.
pub fn check(headers: &HeaderMap, uri: &Uri, body: &[u8]) -> Result<(), RequestRejection> {
    let query = uri.query().unwrap_or_default();
    if let Some(violation) = of_pairs(query.as_bytes()).into_iter().next() {
        return Err(RequestRejection { is_query: true, ..violation.into() });
    }
    if std::str::from_utf8(body).is_err() {
        return Err(UnreadableKind::Malformed.with("malformed", "The body is not UTF-8 text."));
    }
    let violation = if MediaType::FORM.is(headers) { of_pairs(body).into_iter().next() } else { of_json(body) };
    violation.map_or(Ok(()), |violation| Err(violation.into()))
}

/// Checks the requests of pages, whose bodies have been gathered. Answers 404 for a path with U+0000, and 422 for a
/// query or a server function's arguments that can't be stored. For a form, adds [`TextViolations`] to the request.
pub async fn screen(request: Request, next: Next) -> Response {
    if percent_decode_str(request.uri().path()).any(|byte| byte == 0) {
        return HttpError::of(StatusCode::NOT_FOUND).into_response();
    }
    if let Some(violation) = of_pairs(request.uri().query().unwrap_or_default().as_bytes()).into_iter().next() {
        return refuse("This address can’t be read", &violation);
    }
    let is_function = request.uri().path().starts_with(FUNCTIONS);
    if request.method() != Method::POST || !is_function && !MediaType::FORM.is(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // the body has been gathered before, so reading it does not wait
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_else(|_| Bytes::new());
    if is_function {
        return match of_json(&bytes) {
            Some(violation) => refuse("This can’t be read", &violation),
            None => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        };
    }
    let violations = of_pairs(&bytes);
    if !violations.is_empty() {
        parts.extensions.insert(TextViolations(violations.into()));
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

fn refuse(title: &'static str, violation: &Violation) -> Response {
    let sentence = format!("{}: {}", violation.field, violation.sentence);
    HttpError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title, sentence).into_response()
}

impl From<Violation> for RequestRejection {
    fn from(violation: Violation) -> Self {
        let Violation { field, sentence, .. } = violation;
        Self { field: field.into_owned(), ..UnreadableKind::Invalid.with("invalid", sentence) }
    }
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

fn nul(field: &str) -> Violation {
    Violation::new(field.replace('\0', ""), "control_character", "Remove the character U+0000: it can’t be stored.")
}

/// Returns everything that is wrong with a query or a form.
fn of_pairs(text: &[u8]) -> Vec<Violation> {
    let (mut violations, mut counts) = (Vec::new(), HashMap::new());
    for (name, value) in parse(text) {
        if has_nul(&name) || has_nul(&value) {
            violations.push(nul(&name));
        }
        *counts.entry(name).or_insert(0) += 1;
    }
    let many = counts.into_iter().filter(|(_, count)| *count > MAX_VALUES);
    violations.extend(many.map(|(name, count)| too_many(name.replace('\0', ""), count)));
    violations
}

/// Returns what is wrong with a JSON text. Text that is not JSON passes: the code that parses it will reject it.
fn of_json(bytes: &[u8]) -> Option<Violation> {
    // JSON has only one way to write it
    const NUL: &[u8] = b"\\u0000";
    if !bytes.windows(NUL.len()).any(|window| window == NUL) {
        return None;
    }
    let value: Value = serde_json::from_slice(bytes).ok()?;
    place(&value, String::new()).map(|field| nul(&field))
}

/// Returns the path of the value that contains the character, like `invitations[3].email`.
fn place(value: &Value, here: String) -> Option<String> {
    match value {
        Value::String(text) => has_nul(text).then_some(here),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(number, item)| place(item, format!("{here}[{number}]")))
        }
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            let below = if here.is_empty() { name.clone() } else { format!("{here}.{name}") };
            if has_nul(name) { Some(below) } else { place(value, below) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        of_json(text.as_bytes()).map(|violation| violation.field.into_owned())
    }

    #[test]
    fn it_is_found_at_any_depth_in_names_and_in_texts() {
        assert_eq!(of(r#"{"email":"a\u0000"}"#).as_deref(), Some("email"));
        assert_eq!(of(r#"{"rows":[{},{"metadata":{"a":["\u0000"]}}]}"#).as_deref(), Some("rows[1].metadata.a[0]"));
        assert_eq!(of(r#"{"metadata":{"a\u0000b":1}}"#).as_deref(), Some("metadata.ab"));
        assert_eq!(of(r#"["\u0000"]"#).as_deref(), Some("[0]"));
        assert_eq!(of(r#""\u0000""#).as_deref(), Some(""));
    }

    #[test]
    fn what_only_looks_like_it_is_let_through() {
        for text in [r#"{"a":"\\u0000"}"#, r#"{"a":"u0000"}"#, "{\"a\":\"\0\"}", r#"{"a":"\u0000""#, ""] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn pairs_are_told_by_name() {
        let of = |text: &str| of_pairs(text.as_bytes()).into_iter().map(|it| (it.field, it.code)).collect::<Vec<_>>();
        assert_eq!(
            of("q=a%00b&a%00=1"),
            [("q".into(), "control_character".into()), ("a".into(), "control_character".into())]
        );
        assert_eq!(of(&"id=1&".repeat(MAX_VALUES)), []);
        assert_eq!(of(&"id=1&".repeat(MAX_VALUES + 1)), [("id".into(), "too_many".into())]);
    }
}
