//! The handlers of this area's forms.

use super::{delete, edit, form::ResourceForm, new};
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
use vestibule_core::service::{Conflict, Error, ResourceConflict};
use vestibule_domain::{ResourceId, Violation};

pub async fn create(at: OrganizationScope, Form(form): Form<ResourceForm>) -> Result<Response, Response> {
    match at.vestibule().resources().create(&at.scope, &form.edit()).boxed().await {
        Ok(resource) => Ok(at.redirect("resources", &Flash::ResourceCreated { name: resource.name.to_string() })),
        Err(error) => {
            let (context, draft) = at.again("resources/new", form, own_faults(error)).await?;
            Ok(new::page(context, draft).await)
        }
    }
}

pub async fn change(
    at: OrganizationScope,
    PathId(id): PathId<ResourceId>,
    Form(form): Form<ResourceForm>,
) -> Result<Response, Response> {
    let at = at.if_match(&form.version);
    match at.vestibule().resources().edit(&at.scope, id, &form.edit()).boxed().await {
        Ok(resource) => Ok(at.redirect("resources", &Flash::ResourceEdited { name: resource.name.to_string() })),
        Err(error) => {
            let (context, draft) = at.again(&format!("resources/{id}/edit"), form, own_faults(error)).await?;
            Ok(edit::page(context, id, Some(draft)).await)
        }
    }
}

/// Deletes a resource. If it is in use, the confirmation page says so.
pub async fn remove(at: OrganizationScope, PathId(id): PathId<ResourceId>) -> Result<Response, Response> {
    let page = format!("resources/{id}/delete");
    let resource =
        at.vestibule().resources().get(&at.scope, id).boxed().await.map_err(|error| at.refuse(&page, error))?;
    match at.vestibule().resources().delete(&at.scope, id).boxed().await {
        Ok(()) => Ok(at.redirect("resources", &Flash::ResourceDeleted { name: resource.name.to_string() })),
        Err(Error::Conflict(Conflict::Resource(ResourceConflict::InUse(_)))) => {
            Ok(delete::delete(PortalContext::answering(at, &page, StatusCode::CONFLICT).await?, PathId(id)).await)
        }
        Err(error) => Err(at.refuse(&page, error)),
    }
}

/// Converts an error that the input caused to violations at the form's fields. Returns other errors unchanged.
fn own_faults(error: Error) -> Result<Vec<Violation>, Error> {
    match error {
        Error::Conflict(Conflict::Resource(ResourceConflict::ExternalIdTaken)) => {
            let sentence = "Another resource has this external id. Choose another.";
            Ok(vec![Violation::new(ResourceForm::external_id().name, "taken", sentence)])
        }
        error => faults(error),
    }
}
