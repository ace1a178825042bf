//! The handlers of this area's forms.

use super::{fields::WebhookForm, new};
use crate::app::{
    context::{OrganizationScope, PathId},
    flash::Flash,
    form::faults,
};
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_core::service::{Conflict, Error, WebhookConflict, WebhookEndpointEdit};
use vestibule_domain::{WebhookDeliveryId, WebhookEndpointId};
use vestibule_functions::server::page_error::sentence;

/// Creates a webhook, and leads to the page that shows its secret once.
pub async fn create(at: OrganizationScope, Form(form): Form<WebhookForm>) -> Result<Response, Response> {
    match at.vestibule().webhook_endpoints().create(&at.scope, &form.edit()).boxed().await {
        Ok((endpoint, secret)) => Ok(at.show_once(&format!("webhooks/{}/secret", endpoint.id), &secret.text())),
        Err(Error::Conflict(conflict @ Conflict::Webhook(WebhookConflict::TooMany))) => {
            Ok(refused(&at, "webhooks", "Webhook not created", &conflict))
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
    let (at, page) = (at.if_match(&form.version), format!("webhooks/{id}"));
    match at.vestibule().webhook_endpoints().edit(&at.scope, id, &form.edit()).boxed().await {
        Ok(_) => Ok(at.redirect(&page, &Flash::WebhookEdited)),
        Err(error) => {
            let (context, draft) = at.again(&format!("{page}/edit"), form, faults(error)).await?;
            let endpoint = context.vestibule().webhook_endpoints().get(&context.scope, id).boxed().await;
            Ok(new::edit_page(context, endpoint, draft).await)
        }
    }
}

pub async fn rotate(at: OrganizationScope, PathId(id): PathId<WebhookEndpointId>) -> Response {
    match at.vestibule().webhook_endpoints().rotate(&at.scope, id).boxed().await {
        Ok((_, secret)) => at.show_once(&format!("webhooks/{id}/secret"), &secret.text()),
        Err(error) => at.refuse(&format!("webhooks/{id}"), error),
    }
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
            refused(&at, &page, "Not sent again", &conflict)
        }
        replayed => at.answer(&page, replayed, |_| Flash::DeliveryReplayed),
    }
}

fn refused(at: &OrganizationScope, page: &str, title: &str, conflict: &Conflict) -> Response {
    at.redirect(page, &Flash::Refused { title: title.to_owned(), sentence: sentence(conflict).to_owned() })
}
