//! Errors in JSON:API, for the vendors that follow it.

use crate::number::RequestUuid;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// One error of the answer.
#[derive(Clone, Debug)]
pub struct Problem {
    pub code: Cow<'static, str>,
    /// `None` means the reason phrase of the status.
    pub title: Option<&'static str>,
    pub detail: String,
    pub source: Option<Source>,
}

/// The part of the request that is wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Parameter(String),
    Pointer(String),
}

/// One error in JSON.
#[derive(Serialize)]
struct Body<'a> {
    id: RequestUuid,
    status: &'a str,
    code: &'a str,
    title: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
}

impl Problem {
    pub fn new(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), title: None, detail: detail.into(), source: None }
    }

    /// Returns the error with the part of the request that it is about.
    pub fn at(self, source: Source) -> Self {
        Self { source: Some(source), ..self }
    }
}

impl Source {
    pub fn parameter(name: impl Into<String>) -> Self {
        Self::Parameter(name.into())
    }

    pub fn pointer(pointer: impl Into<String>) -> Self {
        Self::Pointer(pointer.into())
    }

    /// Converts the path of a field in a body, like `data.attributes.email` or `rows[1]`, to a JSON pointer.
    pub fn of_field(field: &str) -> Self {
        Self::Pointer(format!("/{}", field.replace(['.', '['], "/").replace(']', "")))
    }
}

/// Returns the document of an error answer. Each error has the id of the request.
pub fn errors(problems: &[Problem], status: StatusCode, id: RequestUuid) -> Value {
    let reason = status.canonical_reason().unwrap_or_default();
    let status = status.as_u16().to_string();
    let body = |Problem { code, title, detail, source }: &Problem| {
        json!(Body { id, status: &status, code, title: title.unwrap_or(reason), detail, source: source.as_ref() })
    };
    json!({ "errors": problems.iter().map(body).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_body_is_a_pointer() {
        let Source::Pointer(pointer) = Source::of_field("data.rows[1].role") else { panic!("no pointer") };
        assert_eq!(pointer, "/data/rows/1/role");
    }
}
