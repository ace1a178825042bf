//! The handlers of this area's forms.

use super::{form::asked, new};
use crate::app::{
    context::{AppState, Entered, Id, respond_to, sent},
    flash::Flash,
    form::{Draft, Fields},
    respond::lead_on,
    visit::Visit,
};
use axum::http::StatusCode;
use axum::{Form, Router, extract::State, response::Response, routing::post};
use vestibule_core::service::Error;
use vestibule_domain::{ApiKeyId, Surface};

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/keys/new", post(create)).route("/o/{slug}/keys/{id}/revoke", post(revoke))
}

/// Creates a key. The answer itself shows the token, because neither a cookie nor a URL should contain it.
async fn create(State(state): State<AppState>, at: Entered, Form(fields): Form<Fields>) -> Result<Response, Response> {
    let page = at.path("keys/new");
    let new = asked(&fields, Surface::Native, state.vestibule.now());
    match sent(state.vestibule.create_api_key(&at.scope, &new)).await {
        Ok((key, token)) => {
            let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::CREATED);
            Ok(new::made(visit, key, token.map_or_else(String::new, |token| token.as_str().to_owned())))
        }
        Err(Error::Invalid(violations)) => {
            let visit = Visit::again(&state, at, page).await?;
            Ok(new::page(visit, Draft { fields, violations }))
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

async fn revoke(
    State(state): State<AppState>,
    at: Entered,
    Id(id): Id<ApiKeyId>,
    Form(fields): Form<Fields>,
) -> Response {
    let (list, at) = (at.path("keys"), at.taking_over(&fields));
    match sent(state.vestibule.revoke_api_key(&at.scope, id)).await {
        Ok((key, settled)) => lead_on(&state, &list, &Flash::KeyRevoked { name: key.name.to_string(), settled }),
        Err(error) => respond_to(error, &list),
    }
}
