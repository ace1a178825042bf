//! Refusals: why a request goes no further, in words. This is the only place where a bare refusal gets its page or its
//! JSON.

use super::log::RequestId;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// A status with the text for a person and the code for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpError {
    pub status: StatusCode,
    pub code: Cow<'static, str>,
    pub title: Cow<'static, str>,
    pub sentence: String,
    pub retry_after: Option<Duration>,
}

/// The function that draws the page of a refusal. The surface with the pages provides it; see [`super::wrap`].
pub type ErrorPage = Arc<dyn Fn(HttpError, Option<RequestId>) -> BoxFuture<'static, Response> + Send + Sync>;

impl HttpError {
    /// Returns the refusal with the usual words for this status.
    pub fn of(status: StatusCode) -> Self {
        let (code, title, sentence) = words(status);
        Self::new(status, code, title, sentence)
    }

    /// Returns a refusal with its own words.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        sentence: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), title: title.into(), sentence: sentence.into(), retry_after: None }
    }
}

/// Returns a duration as people say it, rounded up: `12 seconds`, `3 minutes`, `1 hour`.
pub fn span(wait: Duration) -> String {
    let (count, unit) = match seconds(wait) {
        count @ ..=90 => (count, "second"),
        count @ ..=5_400 => (count.div_ceil(60), "minute"),
        count => (count.div_ceil(3_600), "hour"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Returns a wait in whole seconds, rounded up, and at least one.
pub fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// Returns the value of `Retry-After` in whole seconds, rounded up.
pub fn retry_after(wait: Duration) -> HeaderValue {
    HeaderValue::from(seconds(wait))
}

impl IntoResponse for HttpError {
    /// Returns a response without a body, to which [`render_error`] adds a page or JSON.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Adds a page to every bare refusal (from a layer, a framework, a panic), or JSON if a program or a script of ours sent
/// the request. Responses that have a page already are not changed.
pub async fn render_error(State(error_page): State<ErrorPage>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let (is_call, is_function) = (path.starts_with(super::PROGRAMS), path.starts_with(super::FUNCTIONS));
    let id = request.extensions().get::<RequestId>().cloned();
    let bare = next.run(request).await;
    let Some(http_error) = http_error_of(&bare) else { return bare };
    let (status, wait) = (http_error.status, http_error.retry_after);
    let mut rendered = match (is_call, is_function) {
        (true, _) => json(&http_error, id.as_ref()),
        (_, true) => function_error(&http_error),
        _ => error_page(http_error, id).await,
    };
    *rendered.status_mut() = status;
    keep(&bare, &mut rendered);
    if let Some(wait) = wait {
        rendered.headers_mut().insert(header::RETRY_AFTER, retry_after(wait));
    }
    rendered
}

fn http_error_of(response: &Response) -> Option<HttpError> {
    if let Some(http_error) = response.extensions().get::<HttpError>() {
        return Some(http_error.clone());
    }
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !is_page(response.headers())).then(|| HttpError::of(status))
}

fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") || kind.contains("json")
}

fn json(http_error: &HttpError, id: Option<&RequestId>) -> Response {
    super::Json(serde_json::json!({
        "code": http_error.code,
        "sentence": http_error.sentence,
        "request_id": id.map(RequestId::as_str),
    }))
    .into_response()
}

/// Returns the refusal as the scripts of our own pages read it, the same as an error of a server function.
fn function_error(http_error: &HttpError) -> Response {
    super::Json(serde_json::json!({
        "status": http_error.status.as_u16(),
        "code": http_error.code,
        "title": http_error.title,
        "sentence": http_error.sentence,
    }))
    .into_response()
}

/// Copies the cause for the log, the cookies and the allowed methods from the bare response.
fn keep(bare: &Response, rendered: &mut Response) {
    rendered.extensions_mut().extend(bare.extensions().clone());
    for name in [header::ALLOW, header::SET_COOKIE, header::RETRY_AFTER, header::REFERRER_POLICY] {
        for value in bare.headers().get_all(&name) {
            rendered.headers_mut().append(&name, value.clone());
        }
    }
}

fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status.as_u16() {
        400 => ("bad_request", "This request can’t be read", "Go back, and send the page’s own form again."),
        401 => ("unauthenticated", "You are not signed in", "Sign in to continue."),
        403 => ("forbidden", "You can’t do this here", "Your roles don’t allow it. Ask an admin of the organization."),
        404 => ("missing", "Nothing is here", "Part of the URL may be missing, or what was here is gone."),
        405 => ("method", "This can’t be done here", "The page is there, but not for this. Open it by its link."),
        408 => ("timeout", "This took too long", "What you sent did not arrive within a minute. Try again."),
        409 => ("conflict", "This can’t be done now", "Things have changed since the page was opened. Look again."),
        410 => ("gone", "This is over", "What was here can no longer be used."),
        413 => ("too_large", "This is too much at once", "What you sent is larger than this page takes. Send less."),
        415 => ("content_type", "This can’t be read", "This format isn’t accepted here. Use the page’s own form."),
        421 => ("host", "This is the wrong address", "Vestibule doesn’t use this host name. Look for the right one."),
        422 => ("unprocessable", "Part of this is missing", "Go back, and fill in every field of the form."),
        429 => ("throttled", "Too many attempts", "There were too many attempts from here. Try again later."),
        503 => ("unavailable", "Not ready", "Vestibule is starting, or its database does not answer. Try again."),
        _ if status.is_client_error() => ("refused", "This can’t be done", "Go back, and try it another way."),
        _ => (
            "internal",
            "Something failed on our side",
            "Nothing was changed. Try again, or give this number to your admin:",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_the_unit_that_people_use() {
        let said = |millis| span(Duration::from_millis(millis));
        assert_eq!(said(10), "1 second");
        assert_eq!(said(2_400), "3 seconds");
        assert_eq!(said(125_000), "3 minutes");
        assert_eq!(said(7_200_000), "2 hours");
    }

    #[test]
    fn pages_are_left_alone() {
        let page = (StatusCode::NOT_FOUND, axum::response::Html("<p>")).into_response();
        assert_eq!(http_error_of(&page), None);
        assert_eq!(http_error_of(&StatusCode::SEE_OTHER.into_response()), None);
        let bare = (StatusCode::BAD_REQUEST, "Failed to read the request").into_response();
        assert_eq!(http_error_of(&bare).unwrap().status, StatusCode::BAD_REQUEST);
    }
}
