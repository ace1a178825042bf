//! Creating a webhook, whose secret is then shown once, and editing one.

use super::{
    fields::{WebhookFields, WebhookForm},
    list, page_of,
};
use crate::app::{
    component::{Copy, Notice, NoticeKind},
    context::PathId,
    form::Draft,
    layout::Page,
    portal_context::PortalContext,
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::webhook::WebhookEndpoint;
use vestibule_domain::{Permission, WebhookEndpointId};

pub async fn new(context: PortalContext) -> Response {
    new_page(context, Draft::default()).await
}

/// Shows the form for a new webhook, with a draft.
pub async fn new_page(context: PortalContext, draft: Draft<WebhookForm>) -> Response {
    let allowed = context.demand(Permission::WebhookEndpointEdit);
    context.show(allowed, move |()| {
        let (href, _) = list();
        view! {
            <Page title="New webhook" back=list() class="page page--form">
                <WebhookFields draft action=format!("{href}/new") cancel=href verb="Make the webhook" busy="Making…"/>
            </Page>
        }
    }).await
}

pub async fn edit(context: PortalContext, PathId(id): PathId<WebhookEndpointId>) -> Response {
    let endpoint = context.vestibule().webhook_endpoints().get(&context.scope, id).boxed().await;
    let draft = endpoint.as_ref().map(|endpoint| Draft::of(WebhookForm::filled(endpoint))).unwrap_or_default();
    edit_page(context, endpoint, draft).await
}

/// Shows the form for an existing webhook, with a draft.
pub async fn edit_page(
    context: PortalContext,
    endpoint: service::Result<WebhookEndpoint>,
    draft: Draft<WebhookForm>,
) -> Response {
    context
        .show(endpoint, move |endpoint| {
            let href = page_of(endpoint.id);
            view! {
                <Page title="Change the webhook" back=(href.clone(), "The webhook") class="page page--form">
                    <WebhookFields draft action=format!("{href}/edit") cancel=href verb="Save" busy="Saving…"/>
                </Page>
            }
        })
        .await
}

/// Shows the webhook with its secret.
pub async fn created(
    context: PortalContext,
    endpoint: WebhookEndpoint,
    secret: String,
    title: &'static str,
) -> Response {
    context.page(move || view! { <Created endpoint secret title/> }).await
}

#[component]
fn Created(endpoint: WebhookEndpoint, secret: String, title: &'static str) -> impl IntoView {
    let href = page_of(endpoint.id);
    let rotated = endpoint.rotated_at.map(|_| {
        view! { <p class="field__hint">"For 24 hours the secret before signs as well. Change it in your server before then."</p> }
    });
    view! {
        <Page title back=list() class="page page--form">
            <Notice
                tone=NoticeKind::Warning
                title="This is the only time that it is shown"
                text="Copy it now, to where your server keeps its secrets. With it your server knows that a webhook is from here."
            />
            <section class="panel">
                <div class="panel__body">
                    <div class="field">
                        <label class="field__label" for="secret">"Signing secret"</label>
                        <Copy id="secret" value=secret/>
                    </div>
                    {rotated}
                    <p class="field__hint">
                        "Signatures follow the Standard Webhooks specification: any of its libraries verifies them."
                    </p>
                </div>
                <div class="panel__foot">
                    <a class="button button--main" href=href>"Done"</a>
                </div>
            </section>
        </Page>
    }
}
