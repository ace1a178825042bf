//! A letter as a document of its own, which our pages show in a frame.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use leptos::prelude::*;
use vestibule_functions::server::PageError;
use vestibule_web::http_error::retry_after;

/// The policy of a letter, which keeps to [`vestibule_islands::preview::SANDBOX`] wherever it is shown. It has its own
/// styles, runs no scripts, loads nothing, and only our pages can frame it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

/// Returns the document. All its links open in a new window: inside the frame, they would lead to pages that refuse to
/// be framed.
pub fn letter(html: &str) -> Response {
    let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, Html(html.replace("<a ", "<a target=\"_blank\" "))).into_response()
}

/// Returns a document that says in the frame why there is no letter.
pub fn refusal(error: &PageError) -> Response {
    let words = format!("{}. {}", error.title(), error.sentence());
    let document = view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="color-scheme" content="light dark"/>
                <title>"No letter"</title>
            </head>
            <body><p>{words}</p></body>
        </html>
    };
    let mut response = (error.status(), letter(&document.to_html())).into_response();
    response.headers_mut().extend(error.retry_after().map(|wait| (header::RETRY_AFTER, retry_after(wait))));
    response
}
