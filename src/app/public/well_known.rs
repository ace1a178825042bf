//! The paths that are the same on every site: the contact for security reports (RFC 9116), and the page to change a
//! password (which password managers open).

use crate::app::AppState;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Duration, SecondsFormat};
use vestibule_domain::Instant;

pub const SECURITY: &str = "/.well-known/security.txt";
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";

/// How long the security contact can be relied on. It is generated for each request, so it never expires; RFC 9116
/// recommends less than a year.
const GOOD_FOR: Duration = Duration::days(180);

/// Returns the security contact, or 404 if the operator has not set one.
pub async fn security(State(AppState { vestibule, .. }): State<AppState>) -> Response {
    let settings = vestibule.settings();
    let Some(contact) = &settings.security_contact else { return StatusCode::NOT_FOUND.into_response() };
    let text = security_text(contact, &settings.url(SECURITY), vestibule.now());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Redirects to the page where users change their password. Those who are signed out sign in first.
pub async fn change_password() -> Redirect {
    Redirect::to("/profile")
}

fn security_text(contact: &str, here: &str, now: Instant) -> String {
    let expires = (now + GOOD_FOR).to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {here}\n")
}
