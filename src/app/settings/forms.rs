//! The handler of the settings' form.

use super::{lines::Lines, show};
use crate::app::{
    context::{AppState, Entered, respond_to, sent},
    flash::Flash,
    form::{Draft, Fields},
    respond::lead_on,
    version::changed,
    visit::Visit,
};
use axum::{Form, Router, extract::State, response::Response, routing::post};
use vestibule_core::service::{Conflict, Error, OrganizationEdit, RequestConflict};
use vestibule_domain::Violation;

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/settings", post(save))
}

async fn save(State(state): State<AppState>, at: Entered, Form(fields): Form<Fields>) -> Result<Response, Response> {
    let (page, at) = (at.path("settings"), at.expecting(&fields));
    let domains = Lines::of(fields.text("allowed_domains"));
    let origins = Lines::of(fields.text("redirect_origins"));
    let edit = OrganizationEdit {
        name: Some(fields.text("name").to_owned()),
        invitation_lifetime_days: Some(days(fields.text("invitation_lifetime_days"))),
        reminder_days: Some(some_days(fields.text("reminder_days"))),
        allowed_domains: Some(domains.entries()),
        redirect_origins: Some(origins.entries()),
        invitation_retention_days: Some(some_days(fields.text("invitation_retention_days"))),
        mail_retention_days: Some(some_days(fields.text("mail_retention_days"))),
    };
    match sent(state.vestibule.edit_organization(&at.scope, &edit)).await {
        Ok(_) => Ok(lead_on(&state, &page, &Flash::SettingsSaved)),
        Err(error) => {
            let violations = faults(error).map_err(|error| respond_to(error, &page))?;
            let violations = domains.gather("allowed_domains", violations);
            let violations = origins.gather("redirect_origins", violations);
            let visit = Visit::again(&state, at, page).await?;
            Ok(show::page(visit, Some(Draft { fields, violations })))
        }
    }
}

/// Returns the number of days; `None` if the field is empty.
fn some_days(typed: &str) -> Option<u16> {
    Some(typed.trim()).filter(|typed| !typed.is_empty()).map(days)
}

/// Returns the number of days. Text that is not a number becomes 0, which is outside every range, so that the field
/// gets an error.
fn days(typed: &str) -> u16 {
    typed.trim().parse().unwrap_or(0)
}

/// Converts an error that the input caused to violations at the form's fields. Returns other errors unchanged.
fn faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Invalid(violations) => Ok(violations),
        Error::Conflict(Conflict::Request(RequestConflict::Changed)) => Ok(vec![changed()]),
        error => Err(error),
    }
}
