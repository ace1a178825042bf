//! The handler of this area's form.

use super::{VendorPath, new};
use crate::app::{api_keys::form::KeyForm, context::OrganizationScope, form::faults};
use axum::response::Response;
use axum_extra::extract::Form;
use futures::FutureExt;
use vestibule_core::service::ApiToken;

/// Creates a key, and leads to the page that shows its secrets once.
pub async fn create(
    at: OrganizationScope,
    VendorPath(vendor): VendorPath,
    Form(form): Form<KeyForm>,
) -> Result<Response, Response> {
    let page = format!("connect/{}", vendor.surface.as_str());
    let new = form.new_api_key(vendor.surface, at.vestibule().now());
    match at.vestibule().api_keys().create(&at.scope, &new).boxed().await {
        Ok((key, token)) => {
            Ok(at.show_once(&format!("{page}/{}", key.id), token.as_ref().map_or("", ApiToken::as_str)))
        }
        Err(error) => {
            let (context, draft) = at.again(&page, form, faults(error)).await?;
            Ok(new::page(context, vendor, draft).await)
        }
    }
}
