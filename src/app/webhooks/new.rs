//! Creating a webhook, whose secret is then shown once, and editing one.

use super::{
    fields::{LABELS, WebhookFields, WebhookForm},
    list, page_of,
};
use crate::app::{
    component::{Copy, Notice, NoticeKind},
    context::PathId,
    etag::ChangedNotice,
    form::Draft,
    layout::Page,
    portal_context::PortalContext,
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, etag_of_settings};
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
                <WebhookFields draft action=format!("{href}/new") cancel=href verb="Create webhook" busy="Creating…"/>
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
                <Page title="Edit webhook" back=(href.clone(), "Webhook") class="page page--form">
                    <ChangedNotice draft=draft.clone() present=WebhookForm::filled(&endpoint) labels=LABELS/>
                    <WebhookFields
                        draft
                        action=format!("{href}/edit")
                        cancel=href
                        verb="Save"
                        busy="Saving…"
                        etag=etag_of_settings(&endpoint)
                    />
                </Page>
            }
        })
        .await
}

/// Shows the webhook with a new secret, if it is the first time.
pub async fn secret(context: PortalContext, PathId(id): PathId<WebhookEndpointId>) -> Response {
    let endpoint = context.vestibule().webhook_endpoints().get(&context.scope, id).boxed().await;
    let secret = context.secret.clone();
    context.show(endpoint, move |endpoint| view! { <NewSecret endpoint secret/> }).await
}

#[component]
fn NewSecret(endpoint: WebhookEndpoint, secret: Option<String>) -> impl IntoView {
    let title = if endpoint.rotated_at.is_some() { "Secret replaced" } else { "Webhook created" };
    let body = match secret {
        Some(secret) => view! { <Secret endpoint secret/> }.into_any(),
        None => view! { <ShownBefore endpoint/> }.into_any(),
    };
    view! { <Page title back=list() class="page page--form">{body}</Page> }
}

#[component]
fn Secret(endpoint: WebhookEndpoint, secret: String) -> impl IntoView {
    let href = page_of(endpoint.id);
    let rotated = endpoint.rotated_at.map(|_| {
        view! {
            <p class="field__hint">
                "For 24 hours the previous secret signs as well. Change it on your server before then."
            </p>
        }
    });
    view! {
        <Notice
            tone=NoticeKind::Warning
            title="You won’t see this again. Copy it somewhere safe now."
            text="With it, your server can tell that a webhook comes from here."
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
    }
}

/// In place of the secret when the page is opened again.
#[component]
fn ShownBefore(endpoint: WebhookEndpoint) -> impl IntoView {
    let replace = format!("{}/rotate", page_of(endpoint.id));
    view! {
        <Notice
            tone=NoticeKind::Warning
            title="This secret was shown once, and can’t be shown again"
            text="If nobody has copied it, replace it."
        >
            <a href=replace>"Replace secret"</a>
        </Notice>
    }
}
