//! The handlers of this area's forms.

use super::{form::KeyForm, new};
use crate::app::{
    component::dependents::TakeOverForm,
    context::{OrganizationScope, PathId},
    flash::Flash,
    form::faults,
};
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_core::service::ApiToken;
use vestibule_domain::{ApiKeyId, Surface};

/// Creates a key, and leads to the page that shows its token once.
pub async fn create(at: OrganizationScope, Form(form): Form<KeyForm>) -> Result<Response, Response> {
    let new = form.new_api_key(Surface::Native, at.vestibule().now());
    match at.vestibule().api_keys().create(&at.scope, &new).boxed().await {
        Ok((key, token)) => {
            Ok(at.show_once(&format!("keys/{}/created", key.id), token.as_ref().map_or("", ApiToken::as_str)))
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
