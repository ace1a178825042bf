//! Asks for confirmation before a secret is replaced or a webhook is deleted.

use super::page_of;
use crate::app::{component::Confirm, context::PathId, layout::Page, portal_context::PortalContext};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::WebhookEndpointId;
use vestibule_domain::webhook::WebhookEndpoint;

pub async fn rotate(context: PortalContext, PathId(id): PathId<WebhookEndpointId>) -> Response {
    let endpoint = context.vestibule().webhook_endpoints().get(&context.scope, id).boxed().await;
    context.show(endpoint, |endpoint| {
        view! {
            <Question endpoint title="Replace the secret?" verb="Replace secret" busy="Replacing…" act="rotate">
                "You get a new secret for your server. For 24 hours both secrets sign, so nothing is missed. Then the old \
                 one stops working."
            </Question>
        }
    }).await
}

pub async fn delete(context: PortalContext, PathId(id): PathId<WebhookEndpointId>) -> Response {
    let endpoint = context.vestibule().webhook_endpoints().get(&context.scope, id).boxed().await;
    context.show(endpoint, |endpoint| {
        view! {
            <Question endpoint title="Delete this webhook?" verb="Delete webhook" busy="Deleting…" act="delete" danger=true>
                "Nothing more is sent there, and the record of its deliveries is deleted too. You can’t undo this. To \
                 pause it, disable it instead."
            </Question>
        }
    }).await
}

#[component]
fn Question(
    endpoint: WebhookEndpoint,
    title: &'static str,
    verb: &'static str,
    busy: &'static str,
    act: &'static str,
    #[prop(optional)] danger: bool,
    children: Children,
) -> impl IntoView {
    let page = page_of(endpoint.id);
    let class = if danger { "button button--danger-fill" } else { "button button--main" };
    let (back, action) = ((page.clone(), "Webhook"), format!("{page}/{act}"));
    view! {
        <Page title back class="page page--form">
            <Confirm action cancel=page verb=move || verb busy class>
                <p><code class="webhook__url">{endpoint.url.as_str().to_owned()}</code></p>
                <p>{children()}</p>
            </Confirm>
        </Page>
    }
}
