//! The outbox's form, and the letters that its pages show in a frame.

use crate::app::{
    context::{OrganizationScope, PathId},
    flash::Flash,
};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use vestibule_core::service::{Conflict, Error, MailConflict};
use vestibule_domain::MailId;

/// The policy of a letter. It is a document of its own: it has its own styles, runs no scripts, loads nothing, and only
/// our pages can frame it. Its links open in a new window.
const LETTER_POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

pub async fn retry(at: OrganizationScope, PathId(id): PathId<MailId>) -> Response {
    let page = format!("outbox/{id}");
    match at.vestibule().outbox().retry(&at.scope, id).await {
        Err(Error::Conflict(Conflict::Mail(MailConflict::Done))) => at.redirect(&page, &Flash::MailDone),
        retried => at.answer(&page, retried, |()| Flash::MailRetried),
    }
}

pub async fn letter(at: OrganizationScope, PathId(id): PathId<MailId>) -> Response {
    match at.vestibule().outbox().get(&at.scope, id).await {
        Ok(detail) => {
            let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_SECURITY_POLICY, LETTER_POLICY)];
            (headers, Html(in_new_windows(&detail.html))).into_response()
        }
        Err(error) => at.refuse(&format!("outbox/{id}"), error),
    }
}

/// Makes all links open in a new window: inside the frame, they would lead to pages that refuse to be framed.
fn in_new_windows(html: &str) -> String {
    html.replace("<a ", "<a target=\"_blank\" ")
}
