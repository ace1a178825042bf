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
use vestibule_core::service::{Conflict, Error, RequestConflict, RoleConflict, RoleEdit};
use vestibule_domain::{Permission, Role, RoleId, Violation};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/roles/new", post(create))
        .route("/o/{slug}/roles/{id}/edit", post(change))
        .route("/o/{slug}/roles/{id}/delete", post(remove))
}

async fn create(State(state): State<AppState>, at: Entered, Form(fields): Form<Fields>) -> Result<Response, Response> {
    let (list, page) = (at.path("roles"), at.path("roles/new"));
    let name = fields.text("name");
    let key = match fields.text("key").trim() {
        "" => Role::suggest_key(name).unwrap_or_default(),
        typed => typed.to_owned(),
    };
    let permissions = fields.parsed("permissions");
    match sent(state.vestibule.create_role(&at.scope, &key, name, &permissions)).await {
        Ok(role) => Ok(lead_on(&state, &list, &Flash::RoleCreated { name: role.name })),
        Err(error) => {
            let mut violations = faults(error).map_err(|error| respond_to(error, &page))?;
            // without a name, there was nothing to derive a key from
            violations.retain(|wrong| wrong.field != "key" || !key.is_empty() || !name.trim().is_empty());
            let visit = Visit::again(&state, at, page).await?;
            Ok(new::page(visit, Some(Draft { fields, violations })))
        }
    }
}

async fn change(
    State(state): State<AppState>,
    at: Entered,
    Id(id): Id<RoleId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Response> {
    let (list, page) = (at.path("roles"), at.path(&format!("roles/{id}/edit")));
    let at = at.expecting(&fields).taking_over(&fields);
    let edit = RoleEdit { name: Some(fields.text("name").to_owned()), permissions: Some(fields.parsed("permissions")) };
    match sent(state.vestibule.edit_role(&at.scope, id, &edit)).await {
        Ok((role, settled)) => Ok(lead_on(&state, &list, &Flash::RoleEdited { name: role.name, settled })),
        Err(error) => {
            let violations = faults(error).map_err(|error| respond_to(error, &page))?;
            let visit = Visit::again(&state, at, page).await?;
            Ok(edit::page(visit, id, Some(Draft { fields, violations })).await)
        }
    }
}

/// Deletes a role. If it is in use, the confirmation page says so.
async fn remove(State(state): State<AppState>, at: Entered, Id(id): Id<RoleId>) -> Result<Response, Response> {
    let (list, page) = (at.path("roles"), at.path(&format!("roles/{id}/delete")));
    let role = sent(state.vestibule.role(&at.scope, id)).await.map_err(|error| respond_to(error, &page))?;
    match sent(state.vestibule.delete_role(&at.scope, id)).await {
        Ok(()) => Ok(lead_on(&state, &list, &Flash::RoleDeleted { name: role.name })),
        Err(Error::Conflict(Conflict::Role(RoleConflict::InUse(_)))) => {
            let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::CONFLICT);
            Ok(delete::delete(visit, Id(id)).await)
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

/// Converts an error that the input caused to violations at the form's fields. Returns other errors unchanged.
fn faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Invalid(violations) => Ok(violations),
        Error::Conflict(Conflict::Request(RequestConflict::Changed)) => Ok(vec![changed()]),
        Error::Conflict(Conflict::Role(RoleConflict::KeyTaken)) => {
            Ok(vec![Violation::new("key", "taken", "Another role has this key. Write another.")])
        }
        // the user can edit roles, so the missing permission is one that this role has
        Error::Forbidden(permission) if permission != Permission::RoleEdit => {
            let sentence = "A role can allow no more than you may yourself. Ask an owner to make it.";
            Ok(vec![Violation::new("permissions", "too_much", sentence)])
        }
        error => Err(error),
    }
}
