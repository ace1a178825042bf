//! The handlers of this area's forms.

use super::{form::KeyForm, new};
use crate::app::{
    component::dependents::TakeOverForm,
    context::{OrganizationScope, PathId},
    flash::Flash,
    form::faults,
    portal_context::PortalContext,
};
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_domain::{ApiKeyId, Surface};

/// Creates a key. The answer itself shows the token, because neither a cookie nor a URL should contain it.
pub async fn create(at: OrganizationScope, Form(form): Form<KeyForm>) -> Result<Response, Response> {
    let new = form.new_api_key(Surface::Native, at.vestibule().now());
    match at.vestibule().api_keys().create(&at.scope, &new).boxed().await {
        Ok((key, token)) => {
            let context = PortalContext::answering(at, "keys/new", StatusCode::CREATED).await?;
            Ok(new::created(context, key, token.map_or_else(String::new, |token| token.as_str().to_owned())).await)
        }
        Err(error) => {
            let (context, draft) = at.again("keys/new", form, faults(error)).await?;
            Ok(new::page(context, draft).await)
        }
    }
}

pub async fn revoke(at: OrganizationScope, PathId(id): PathId<ApiKeyId>, Form(form): Form<TakeOverForm>) -> Response {
    let at = at.taking_over(&form.dependents);
    let revoked = at.vestibule().api_keys().revoke(&at.scope, id).boxed().await;
    at.answer("keys", revoked, |(key, settled)| Flash::KeyRevoked { name: key.name.to_string(), settled })
}
