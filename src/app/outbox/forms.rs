//! The outbox's form, and the letters that its pages show in a frame.

use crate::app::{
    AppState,
    context::{Entered, Id, respond_to},
    flash::Flash,
    respond::lead_on,
};
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use vestibule_core::service::{Conflict, Error, MailConflict};
use vestibule_domain::MailId;

/// The policy of a letter. It is a document of its own: it has its own styles, runs no scripts, loads nothing, and only
/// our pages can frame it. Its links open in a new window.
const LETTER_POLICY: HeaderValue = HeaderValue::from_static(
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
);

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/outbox/{id}/retry", post(retry)).route("/o/{slug}/outbox/{id}/letter", get(letter))
}

async fn retry(State(state): State<AppState>, entered: Entered, Id(id): Id<MailId>) -> Response {
    let page = entered.path(&format!("outbox/{id}"));
    match state.vestibule.retry_mail(&entered.scope, id).await {
        Ok(()) => lead_on(&state, &page, &Flash::MailRetried),
        Err(Error::Conflict(Conflict::Mail(MailConflict::Done))) => lead_on(&state, &page, &Flash::MailDone),
        Err(error) => respond_to(error, &page),
    }
}

async fn letter(State(state): State<AppState>, entered: Entered, Id(id): Id<MailId>) -> Response {
    match state.vestibule.mail(&entered.scope, id).await {
        Ok(detail) => {
            let headers: [(HeaderName, HeaderValue); 1] = [(header::CONTENT_SECURITY_POLICY, LETTER_POLICY)];
            (headers, Html(in_new_windows(&detail.html))).into_response()
        }
        Err(error) => respond_to(error, &entered.path(&format!("outbox/{id}"))),
    }
}

/// Makes all links open in a new window: inside the frame, they would lead to pages that refuse to be framed.
fn in_new_windows(html: &str) -> String {
    html.replace("<a ", "<a target=\"_blank\" ")
}
