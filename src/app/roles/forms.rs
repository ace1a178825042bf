//! The handlers of this area's forms.

use super::{delete, edit, form::RoleForm, new};
use crate::app::{
    context::{OrganizationScope, PathId},
    flash::Flash,
    form::faults,
    portal_context::PortalContext,
};
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_core::service::{Conflict, Error, RoleConflict, RoleEdit};
use vestibule_domain::{Permission, Role, RoleId, Violation};

pub async fn create(at: OrganizationScope, Form(form): Form<RoleForm>) -> Result<Response, Response> {
    let name = form.name.text();
    let key = match form.key.text().trim() {
        "" => Role::suggest_key(name).unwrap_or_default(),
        typed => typed.to_owned(),
    };
    match at.vestibule().roles().create(&at.scope, &key, name, &form.permissions.read()).boxed().await {
        Ok(role) => Ok(at.redirect("roles", &Flash::RoleCreated { name: role.name })),
        Err(error) => {
            // without a name, there was nothing to derive a key from
            let has_none = key.is_empty() && name.trim().is_empty();
            let (context, mut draft) = at.again("roles/new", form, own_faults(error)).await?;
            draft.violations.retain(|wrong| !has_none || wrong.field != RoleForm::key().name);
            Ok(new::page(context, draft).await)
        }
    }
}

pub async fn change(
    at: OrganizationScope,
    PathId(id): PathId<RoleId>,
    Form(form): Form<RoleForm>,
) -> Result<Response, Response> {
    let at = at.if_match(&form.version).taking_over(&form.dependents);
    let edit = RoleEdit { name: Some(form.name.text().to_owned()), permissions: Some(form.permissions.read()) };
    match at.vestibule().roles().edit(&at.scope, id, &edit).boxed().await {
        Ok((role, settled)) => Ok(at.redirect("roles", &Flash::RoleEdited { name: role.name, settled })),
        Err(error) => {
            let (context, draft) = at.again(&format!("roles/{id}/edit"), form, own_faults(error)).await?;
            Ok(edit::page(context, id, Some(draft)).await)
        }
    }
}

/// Deletes a role. If it is in use, the confirmation page says so.
pub async fn remove(at: OrganizationScope, PathId(id): PathId<RoleId>) -> Result<Response, Response> {
    let page = format!("roles/{id}/delete");
    let role = at.vestibule().roles().get(&at.scope, id).boxed().await.map_err(|error| at.refuse(&page, error))?;
    match at.vestibule().roles().delete(&at.scope, id).boxed().await {
        Ok(()) => Ok(at.redirect("roles", &Flash::RoleDeleted { name: role.name })),
        Err(Error::Conflict(Conflict::Role(RoleConflict::InUse(_)))) => {
            Ok(delete::delete(PortalContext::answering(at, &page, StatusCode::CONFLICT).await?, PathId(id)).await)
        }
        Err(error) => Err(at.refuse(&page, error)),
    }
}

/// Converts an error that the input caused to violations at the form's fields. Returns other errors unchanged.
fn own_faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Conflict(Conflict::Role(RoleConflict::KeyTaken)) => {
            let sentence = "Another role has this key. Choose another.";
            Ok(vec![Violation::new(RoleForm::key().name, "taken", sentence)])
        }
        // the user can edit roles, so the missing permission is one that this role has
        Error::Forbidden(permission) if permission != Permission::RoleEdit => {
            let sentence = "A role can only have permissions that you have. Ask an owner to create it.";
            Ok(vec![Violation::new(RoleForm::permissions().name, "too_much", sentence)])
        }
        error => faults(error),
    }
}
