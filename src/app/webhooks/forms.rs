//! The handlers of this area's forms.

use super::new;
use crate::app::{
    context::{AppState, Entered, Id, respond_to, sent},
    flash::Flash,
    form::{Draft, Fields},
    respond::lead_on,
    visit::Visit,
};
use axum::http::StatusCode;
use axum::{Form, Router, extract::State, response::Response, routing::post};
use vestibule_core::service::{Conflict, Error, WebhookConflict, WebhookEdit};
use vestibule_domain::{DeliveryId, EndpointId};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/o/{slug}/webhooks/new", post(create))
        .route("/o/{slug}/webhooks/{id}/edit", post(edit))
        .route("/o/{slug}/webhooks/{id}/rotate", post(rotate))
        .route("/o/{slug}/webhooks/{id}/delete", post(delete))
        .route("/o/{slug}/webhooks/{id}/enable", post(enable))
        .route("/o/{slug}/webhooks/{id}/disable", post(disable))
        .route("/o/{slug}/deliveries/{id}/replay", post(replay))
}

/// Returns the webhook that the form describes.
fn asked(fields: &Fields) -> WebhookEdit {
    WebhookEdit {
        url: Some(fields.text("url").to_owned()),
        description: Some(fields.text("description").to_owned()),
        actions: Some(fields.all("actions").map(str::to_owned).collect()),
        enabled: None,
    }
}

/// Creates a webhook. The answer itself shows the secret, because neither a cookie nor a URL should contain it.
async fn create(State(state): State<AppState>, at: Entered, Form(fields): Form<Fields>) -> Result<Response, Response> {
    let page = at.path("webhooks/new");
    match sent(state.vestibule.create_webhook(&at.scope, &asked(&fields))).await {
        Ok((endpoint, secret)) => {
            let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::CREATED);
            Ok(new::made(visit, endpoint, secret.text(), "The webhook is made"))
        }
        Err(Error::Invalid(violations)) => {
            let visit = Visit::again(&state, at, page).await?;
            Ok(new::new_page(visit, Draft { fields, violations }))
        }
        Err(Error::Conflict(conflict @ Conflict::Webhook(WebhookConflict::TooMany))) => {
            let list = at.path("webhooks");
            Ok(refused(&state, &list, "No webhook was made", conflict))
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

async fn edit(
    State(state): State<AppState>,
    at: Entered,
    Id(id): Id<EndpointId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Response> {
    let page = at.path(&format!("webhooks/{id}"));
    match sent(state.vestibule.edit_webhook(&at.scope, id, &asked(&fields))).await {
        Ok(_) => Ok(lead_on(&state, &page, &Flash::WebhookEdited)),
        Err(Error::Invalid(violations)) => {
            let endpoint = sent(state.vestibule.webhook(&at.scope, id)).await;
            let visit = Visit::again(&state, at, format!("{page}/edit")).await?;
            Ok(new::edit_page(visit, endpoint, Draft { fields, violations }))
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

async fn rotate(State(state): State<AppState>, at: Entered, Id(id): Id<EndpointId>) -> Result<Response, Response> {
    let page = at.path(&format!("webhooks/{id}"));
    let rotated = sent(state.vestibule.rotate_webhook(&at.scope, id)).await;
    let (endpoint, secret) = rotated.map_err(|error| respond_to(error, &page))?;
    let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::OK);
    Ok(new::made(visit, endpoint, secret.text(), "The secret is replaced"))
}

async fn delete(State(state): State<AppState>, at: Entered, Id(id): Id<EndpointId>) -> Response {
    let list = at.path("webhooks");
    match sent(state.vestibule.delete_webhook(&at.scope, id)).await {
        Ok(_) => lead_on(&state, &list, &Flash::WebhookDeleted),
        Err(error) => respond_to(error, &list),
    }
}

async fn enable(state: State<AppState>, at: Entered, id: Id<EndpointId>) -> Response {
    turn(state, at, id, true).await
}

async fn disable(state: State<AppState>, at: Entered, id: Id<EndpointId>) -> Response {
    turn(state, at, id, false).await
}

async fn turn(State(state): State<AppState>, at: Entered, Id(id): Id<EndpointId>, on: bool) -> Response {
    let page = at.path(&format!("webhooks/{id}"));
    let edit = WebhookEdit { enabled: Some(on), ..WebhookEdit::default() };
    match sent(state.vestibule.edit_webhook(&at.scope, id, &edit)).await {
        Ok(_) => lead_on(&state, &page, &if on { Flash::WebhookEnabled } else { Flash::WebhookDisabled }),
        Err(error) => respond_to(error, &page),
    }
}

async fn replay(State(state): State<AppState>, at: Entered, Id(id): Id<DeliveryId>) -> Response {
    let page = at.path(&format!("deliveries/{id}"));
    match sent(state.vestibule.replay_delivery(&at.scope, id)).await {
        Ok(_) => lead_on(&state, &page, &Flash::DeliveryReplayed),
        Err(Error::Conflict(conflict @ Conflict::Webhook(WebhookConflict::NotReplayable))) => {
            refused(&state, &page, "It was not sent again", conflict)
        }
        Err(error) => respond_to(error, &page),
    }
}

fn refused(state: &AppState, page: &str, title: &str, conflict: Conflict) -> Response {
    let sentence = crate::app::failure::sentence(&conflict).to_owned();
    lead_on(state, page, &Flash::Refused { title: title.to_owned(), sentence })
}
