//! The handler of this area's form.

use super::{VendorPath, created, new};
use crate::app::{api_keys::form::KeyForm, context::OrganizationScope, form::faults, portal_context::PortalContext};
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_core::service::ApiToken;
use vestibule_domain::ApiKey;
use vestibule_web::{
    Vendor,
    vendor::{Connection, Credential},
};

/// Creates a key. The answer itself shows the secrets, because neither a cookie nor a URL should contain them.
pub async fn create(
    at: OrganizationScope,
    VendorPath(vendor): VendorPath,
    Form(form): Form<KeyForm>,
) -> Result<Response, Response> {
    let page = format!("connect/{}", vendor.surface.as_str());
    let new = form.new_api_key(vendor.surface, at.vestibule().now());
    match at.vestibule().api_keys().create(&at.scope, &new).boxed().await {
        Ok((key, token)) => {
            let credentials = credentials(&at, vendor, &key, token.as_ref());
            let context = PortalContext::answering(at, &page, StatusCode::CREATED).await?;
            Ok(created::page(context, vendor, key, credentials).await)
        }
        Err(error) => {
            let (context, draft) = at.again(&page, form, faults(error)).await?;
            Ok(new::page(context, vendor, draft).await)
        }
    }
}

/// Returns the credentials of a client, which invites in the name of the person who created its key.
fn credentials(at: &OrganizationScope, vendor: &Vendor, key: &ApiKey, token: Option<&ApiToken>) -> Vec<Credential> {
    let (access_token, _) = at.vestibule().api_keys().access_token(key);
    (vendor.credentials)(&Connection {
        organization: at.scope.organization(),
        key,
        token: token.map_or("", ApiToken::as_str),
        access_token: access_token.as_str(),
        person: Some(at.user.id),
    })
}
