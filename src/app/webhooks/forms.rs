//! The handlers of this area's forms.

use super::{fields::WebhookForm, new};
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
use vestibule_core::service::{Conflict, Error, WebhookConflict, WebhookEndpointEdit};
use vestibule_domain::{WebhookDeliveryId, WebhookEndpointId};
use vestibule_functions::server::page_error::sentence;

/// Creates a webhook. The answer itself shows the secret, because neither a cookie nor a URL should contain it.
pub async fn create(at: OrganizationScope, Form(form): Form<WebhookForm>) -> Result<Response, Response> {
    match at.vestibule().webhook_endpoints().create(&at.scope, &form.edit()).boxed().await {
        Ok((endpoint, secret)) => {
            let context = PortalContext::answering(at, "webhooks/new", StatusCode::CREATED).await?;
            Ok(new::created(context, endpoint, secret.text(), "The webhook is made").await)
        }
        Err(Error::Conflict(conflict @ Conflict::Webhook(WebhookConflict::TooMany))) => {
            Ok(refused(&at, "webhooks", "No webhook was made", &conflict))
        }
        Err(error) => {
            let (context, draft) = at.again("webhooks/new", form, faults(error)).await?;
            Ok(new::new_page(context, draft).await)
        }
    }
}

pub async fn edit(
    at: OrganizationScope,
    PathId(id): PathId<WebhookEndpointId>,
    Form(form): Form<WebhookForm>,
) -> Result<Response, Response> {
    let page = format!("webhooks/{id}");
    match at.vestibule().webhook_endpoints().edit(&at.scope, id, &form.edit()).boxed().await {
        Ok(_) => Ok(at.redirect(&page, &Flash::WebhookEdited)),
        Err(error) => {
            let (context, draft) = at.again(&format!("{page}/edit"), form, faults(error)).await?;
            let endpoint = context.vestibule().webhook_endpoints().get(&context.scope, id).boxed().await;
            Ok(new::edit_page(context, endpoint, draft).await)
        }
    }
}

pub async fn rotate(at: OrganizationScope, PathId(id): PathId<WebhookEndpointId>) -> Result<Response, Response> {
    let page = format!("webhooks/{id}");
    let rotated = at.vestibule().webhook_endpoints().rotate(&at.scope, id).boxed().await;
    let (endpoint, secret) = rotated.map_err(|error| at.refuse(&page, error))?;
    let context = PortalContext::answering(at, &page, StatusCode::OK).await?;
    Ok(new::created(context, endpoint, secret.text(), "The secret is replaced").await)
}

pub async fn delete(at: OrganizationScope, PathId(id): PathId<WebhookEndpointId>) -> Response {
    let deleted = at.vestibule().webhook_endpoints().delete(&at.scope, id).boxed().await;
    at.answer("webhooks", deleted, |_| Flash::WebhookDeleted)
}

pub async fn enable(at: OrganizationScope, id: PathId<WebhookEndpointId>) -> Response {
    turn(at, id, true).await
}

pub async fn disable(at: OrganizationScope, id: PathId<WebhookEndpointId>) -> Response {
    turn(at, id, false).await
}

async fn turn(at: OrganizationScope, PathId(id): PathId<WebhookEndpointId>, on: bool) -> Response {
    let edit = WebhookEndpointEdit { enabled: Some(on), ..WebhookEndpointEdit::default() };
    let turned = at.vestibule().webhook_endpoints().edit(&at.scope, id, &edit).boxed().await;
    let flash = if on { Flash::WebhookEnabled } else { Flash::WebhookDisabled };
    at.answer(&format!("webhooks/{id}"), turned, |_| flash)
}

pub async fn replay(at: OrganizationScope, PathId(id): PathId<WebhookDeliveryId>) -> Response {
    let page = format!("deliveries/{id}");
    match at.vestibule().webhook_deliveries().replay(&at.scope, id).boxed().await {
        Err(Error::Conflict(conflict @ Conflict::Webhook(WebhookConflict::NotReplayable))) => {
            refused(&at, &page, "It was not sent again", &conflict)
        }
        replayed => at.answer(&page, replayed, |_| Flash::DeliveryReplayed),
    }
}

fn refused(at: &OrganizationScope, page: &str, title: &str, conflict: &Conflict) -> Response {
    at.redirect(page, &Flash::Refused { title: title.to_owned(), sentence: sentence(conflict).to_owned() })
}
