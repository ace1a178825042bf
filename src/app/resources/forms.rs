//! The handlers of this area's forms.

use super::{delete, edit, new};
use crate::app::{
    context::{AppState, Entered, Id, respond_to, sent},
    flash::Flash,
    form::{Draft, Fields},
    respond::lead_on,
    version::changed,
    visit::Visit,
};
use axum::http::StatusCode;
use axum::{Form, Router, extract::State, response::Response, routing::post};
use vestibule_core::service::{Conflict, Error, RequestConflict, ResourceConflict, ResourceEdit};
use vestibule_domain::{ResourceId, Violation};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/resources/new", post(create))
        .route("/o/{slug}/resources/{id}/edit", post(change))
        .route("/o/{slug}/resources/{id}/delete", post(remove))
}

async fn create(State(state): State<AppState>, at: Entered, Form(fields): Form<Fields>) -> Result<Response, Response> {
    let (list, page) = (at.path("resources"), at.path("resources/new"));
    match sent(state.vestibule.create_resource(&at.scope, &typed(&fields))).await {
        Ok(resource) => Ok(lead_on(&state, &list, &Flash::ResourceCreated { name: resource.name.to_string() })),
        Err(error) => {
            let violations = faults(error).map_err(|error| respond_to(error, &page))?;
            let visit = Visit::again(&state, at, page).await?;
            Ok(new::page(visit, Draft { fields, violations }))
        }
    }
}

async fn change(
    State(state): State<AppState>,
    at: Entered,
    Id(id): Id<ResourceId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Response> {
    let (list, page) = (at.path("resources"), at.path(&format!("resources/{id}/edit")));
    let at = at.expecting(&fields);
    match sent(state.vestibule.edit_resource(&at.scope, id, &typed(&fields))).await {
        Ok(resource) => Ok(lead_on(&state, &list, &Flash::ResourceEdited { name: resource.name.to_string() })),
        Err(error) => {
            let violations = faults(error).map_err(|error| respond_to(error, &page))?;
            let visit = Visit::again(&state, at, page).await?;
            Ok(edit::page(visit, id, Some(Draft { fields, violations })).await)
        }
    }
}

/// Deletes a resource. If it is in use, the confirmation page says so.
async fn remove(State(state): State<AppState>, at: Entered, Id(id): Id<ResourceId>) -> Result<Response, Response> {
    let (list, page) = (at.path("resources"), at.path(&format!("resources/{id}/delete")));
    let resource = sent(state.vestibule.resource(&at.scope, id)).await.map_err(|error| respond_to(error, &page))?;
    match sent(state.vestibule.delete_resource(&at.scope, id)).await {
        Ok(()) => Ok(lead_on(&state, &list, &Flash::ResourceDeleted { name: resource.name.to_string() })),
        Err(Error::Conflict(Conflict::Resource(ResourceConflict::InUse(_)))) => {
            let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::CONFLICT);
            Ok(delete::delete(visit, Id(id)).await)
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

/// Returns what was entered. An empty id is removed.
fn typed(fields: &Fields) -> ResourceEdit {
    let text = |name| Some(fields.text(name).to_owned());
    ResourceEdit { name: text("name"), external_id: text("external_id"), bundle_id: text("bundle_id") }
}

/// Converts an error that the input caused to violations at the form's fields. Returns other errors unchanged.
fn faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Invalid(violations) => Ok(violations),
        Error::Conflict(Conflict::Request(RequestConflict::Changed)) => Ok(vec![changed()]),
        Error::Conflict(Conflict::Resource(ResourceConflict::ExternalIdTaken)) => {
            Ok(vec![Violation::new("external_id", "taken", "Another resource has this external id. Write another.")])
        }
        error => Err(error),
    }
}
