//! The handler of this area's form.

use super::{Of, made, new};
use crate::app::{
    context::{AppState, Entered, respond_to, sent},
    form::{Draft, Fields},
    keys::form::asked,
    visit::Visit,
};
use axum::http::StatusCode;
use axum::{Form, Router, extract::State, response::Response, routing::post};
use vestibule_core::service::{ApiToken, Error};
use vestibule_domain::ApiKey;
use vestibule_web::{
    Vendor,
    vendor::{Connection, Credential},
};

pub fn routes() -> Router<AppState> {
    Router::new().route("/o/{slug}/connect/{surface}", post(create))
}

/// Creates a key. The answer itself shows the secrets, because neither a cookie nor a URL should contain them.
async fn create(
    State(state): State<AppState>,
    at: Entered,
    Of(vendor): Of,
    Form(fields): Form<Fields>,
) -> Result<Response, Response> {
    let page = at.path(&format!("connect/{}", vendor.surface.as_str()));
    let new = asked(&fields, vendor.surface, state.vestibule.now());
    match sent(state.vestibule.create_api_key(&at.scope, &new)).await {
        Ok((key, token)) => {
            let credentials = credentials(&state, &at, vendor, &key, token.as_ref());
            let visit = Visit::again(&state, at, page).await?.with_status(StatusCode::CREATED);
            Ok(made::page(visit, vendor, key, credentials))
        }
        Err(Error::Invalid(violations)) => {
            let visit = Visit::again(&state, at, page).await?;
            Ok(new::page(visit, vendor, Draft { fields, violations }))
        }
        Err(error) => Err(respond_to(error, &page)),
    }
}

/// Returns the credentials of a client, which invites in the name of the person who created its key.
fn credentials(
    state: &AppState,
    at: &Entered,
    vendor: &Vendor,
    key: &ApiKey,
    token: Option<&ApiToken>,
) -> Vec<Credential> {
    let (access_token, _) = state.vestibule.access_token(key);
    (vendor.credentials)(&Connection {
        organization: at.scope.organization(),
        key,
        token: token.map_or("", ApiToken::as_str),
        access_token: access_token.as_str(),
        person: Some(at.user.id),
    })
}
