//! Asks for confirmation before a key is revoked.

use crate::app::{
    component::{Confirm, DependentsNote, dependents::TakeOverForm},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{ApiKey, ApiKeyId, Dependents};

pub async fn revoke(context: PortalContext, PathId(id): PathId<ApiKeyId>) -> Response {
    let read = read(&context, id).boxed().await;
    context.show(read, |(key, dependents)| view! { <Revoke key dependents/> }).await
}

/// Returns the key with its dependents.
async fn read(context: &PortalContext, id: ApiKeyId) -> service::Result<(ApiKey, Dependents)> {
    let key = context.vestibule().api_keys().get(&context.scope, id).await?;
    Ok((key, context.vestibule().dependents().of_key(&context.scope, id).await?))
}

#[component]
fn Revoke(key: ApiKey, dependents: Dependents) -> impl IntoView {
    let list = format!("/o/{}/keys", use_portal_frame().organization.slug);
    let (name, back) = (key.name.to_string(), (list.clone(), "API keys"));
    let action = format!("{list}/{}/revoke", key.id);
    let title = format!("Revoke {name}?");
    let verb = move || view! { "Revoke "<bdi>{name}</bdi> };
    view! {
        <Page title back class="page page--form">
            <Confirm action cancel=list verb busy="Revoking…">
                <p>
                    "Programs that use this key, which ends in " <code>{key.hint}</code>
                    ", are refused immediately. You can’t undo this."
                </p>
                <DependentsNote
                    dependents
                    made="with this key"
                    fate="This stops working with the key."
                    choice=Some(TakeOverForm::dependents().name)
                />
            </Confirm>
        </Page>
    }
}
