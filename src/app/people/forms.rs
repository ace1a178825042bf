//! The download of a person's data, and the form that erases them.

use super::show;
use crate::app::{
    AppState,
    context::{Entered, respond_to, sent},
    flash::Flash,
    form::{Draft, Fields},
    query::escape,
    respond::lead_on,
    visit::Visit,
};
use axum::{
    Form, Router,
    extract::{Query, State},
    response::Response,
    routing::{get, post},
};
use vestibule_core::service::{Conflict, Error};
use vestibule_domain::{EmailAddress, Violation};
use vestibule_web::export::document;

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/people/export", get(export)).route("/o/{slug}/people/erase", post(erase))
}

async fn export(State(state): State<AppState>, at: Entered, Query(fields): Query<Fields>) -> Response {
    match sent(state.vestibule.export_person(&at.scope, fields.text("email"))).await {
        Ok(pieces) => document(&format!("{}-person", at.scope.organization().slug), pieces),
        Err(error) => respond_to(error, &at.path("people")),
    }
}

async fn erase(State(state): State<AppState>, at: Entered, Form(fields): Form<Fields>) -> Result<Response, Response> {
    let email = fields.text("email").to_owned();
    let page = at.path(&format!("people?email={}", escape(&email)));
    let at = at.taking_over(&fields);
    if !is_same(&email, fields.text("confirm")) {
        let sentence = "Type the email address exactly as it stands above.";
        return again(&state, at, page, fields, Violation::new("confirm", "confirm", sentence)).await;
    }
    let is_me = is_same(at.user.email.as_str(), &email);
    match sent(state.vestibule.erase(&at.scope, &email)).await {
        Ok(erasure) => {
            let flash = Flash::PersonErased { pseudonym: erasure.pseudonym, is_finished: erasure.is_finished };
            let path = if is_me { "/".to_owned() } else { at.path("people") };
            Ok(lead_on(&state, &path, &flash))
        }
        Err(Error::Conflict(Conflict::LastOwner)) => {
            let sentence = "This is the last owner. Make somebody else an owner first.";
            again(&state, at, page, fields, Violation::new("confirm", "last_owner", sentence)).await
        }
        Err(Error::Invalid(violations)) if violations.iter().all(|wrong| wrong.field == "dependents") => {
            let sentence = violations.into_iter().next().map(|wrong| wrong.sentence).unwrap_or_default();
            again(&state, at, page, fields, Violation::new("confirm", "dependents", sentence)).await
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

/// Shows the page again with an error.
async fn again(
    state: &AppState,
    at: Entered,
    page: String,
    fields: Fields,
    violation: Violation,
) -> Result<Response, Response> {
    let email = fields.text("email").to_owned();
    let visit = Visit::again(state, at, page).await?;
    Ok(show::page(visit, email, Some(Draft { fields, violations: vec![violation] })).await)
}

/// Checks whether both are the same email address.
fn is_same(one: &str, other: &str) -> bool {
    match (EmailAddress::parse(one), EmailAddress::parse(other)) {
        (Ok(one), Ok(other)) => one.as_str() == other.as_str(),
        _ => false,
    }
}
