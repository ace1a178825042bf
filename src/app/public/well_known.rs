//! The addresses that are the same at every site: whom to tell of a fault in its security (RFC 9116), and where a password
//! is changed (which password managers lead to).

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Duration, SecondsFormat};
use std::sync::Arc;
use vestibule_core::service::Vestibule;
use vestibule_domain::Instant;

pub const SECURITY: &str = "/.well-known/security.txt";
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";

/// How long what it says may be relied on. Made anew for each request, it never runs out; RFC 9116 wants less than a year.
const GOOD_FOR: Duration = Duration::days(180);

/// Returns whom to tell, if the operator has said so; else 404.
pub async fn security(State(vestibule): State<Arc<Vestibule>>) -> Response {
    let settings = vestibule.settings();
    let Some(contact) = &settings.security_contact else { return StatusCode::NOT_FOUND.into_response() };
    let text = security_text(contact, &settings.url(SECURITY), vestibule.now());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Those who have forgotten it and those who want another one go the same way.
pub async fn change_password() -> Redirect {
    Redirect::to("/forgot-password")
}

fn security_text(contact: &str, here: &str, now: Instant) -> String {
    let expires = (now + GOOD_FOR).to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {here}\n")
}
