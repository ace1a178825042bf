//! The download of a person's data, and the form that erases them.

use super::show::{self, EraseForm, PersonQuery};
use crate::app::{context::OrganizationScope, flash::Flash, query::address, respond::redirect};
use axum::response::Response;
use axum_extra::extract::{Form, Query};
use futures::FutureExt;
use vestibule_core::service::{Conflict, Error};
use vestibule_domain::{EmailAddress, Violation};
use vestibule_web::export::document;

pub async fn export(at: OrganizationScope, Query(query): Query<PersonQuery>) -> Response {
    match at.vestibule().personal_data().export(&at.scope, query.email.text()).boxed().await {
        Ok(pieces) => document(&format!("{}-person", at.scope.organization().slug), pieces),
        Err(error) => at.refuse("people", error),
    }
}

pub async fn erase(at: OrganizationScope, Form(form): Form<EraseForm>) -> Result<Response, Response> {
    let email = form.email.text().to_owned();
    let at = at.taking_over(&form.dependents);
    if !is_same(&email, form.confirm.text()) {
        return again(at, form, Ok(unconfirmed("confirm", "Type the email address exactly as it stands above."))).await;
    }
    let is_me = is_same(at.user.email.as_str(), &email);
    match at.vestibule().erasure().erase(&at.scope, &email).boxed().await {
        Ok(erasure) => {
            let flash = Flash::PersonErased { pseudonym: erasure.pseudonym, is_finished: erasure.is_finished };
            let path = if is_me { "/".to_owned() } else { at.path("people") };
            Ok(redirect(&at.state, &path, &flash))
        }
        Err(error) => again(at, form, faults(error)).await,
    }
}

/// Converts an error that the input caused to a violation at the field that confirms. Returns other errors unchanged.
fn faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Conflict(Conflict::LastOwner) => {
            Ok(unconfirmed("last_owner", "This is the last owner. Make someone else an owner first."))
        }
        Error::Invalid(violations) if violations.iter().all(|wrong| wrong.field == EraseForm::dependents().name) => {
            let sentence = violations.into_iter().next().map(|wrong| wrong.sentence.into_owned()).unwrap_or_default();
            Ok(unconfirmed("dependents", sentence))
        }
        error => Err(error),
    }
}

fn unconfirmed(code: &'static str, sentence: impl Into<String>) -> Vec<Violation> {
    vec![Violation::new(EraseForm::confirm().name, code, sentence.into())]
}

/// Shows the page again with an error.
async fn again(
    at: OrganizationScope,
    form: EraseForm,
    faults: Result<Vec<Violation>, Error>,
) -> Result<Response, Response> {
    let email = form.email.text().to_owned();
    let page = address("people", &PersonQuery { email: email.as_str().into() });
    let (context, draft) = at.again(&page, form, faults).await?;
    Ok(show::page(context, email, Some(draft)).await)
}

/// Checks whether both are the same email address.
fn is_same(one: &str, other: &str) -> bool {
    match (EmailAddress::parse(one), EmailAddress::parse(other)) {
        (Ok(one), Ok(other)) => one.as_str() == other.as_str(),
        _ => false,
    }
}
