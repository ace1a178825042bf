//! One delivery: its payload, the result of each attempt, and the button to send it again.

use super::{
    badge::{AttemptBadge, WebhookDeliveryBadge},
    page_of,
};
use crate::app::{
    component::{Submit, When, WhenStyle},
    context::PathId,
    event_description::action_label,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::WebhookDeliveryDetail;
use vestibule_core::webhook::pretty_payload;
use vestibule_domain::webhook::{Attempt, WebhookDeliveryState};
use vestibule_domain::{Instant, WebhookDeliveryId};

pub async fn delivery(context: PortalContext, PathId(id): PathId<WebhookDeliveryId>) -> Response {
    let detail = context.vestibule().webhook_deliveries().get(&context.scope, id).boxed().await;
    let now = context.vestibule().now();
    context.show(detail, move |detail| view! { <Detail detail now/> }).await
}

#[component]
fn Detail(detail: WebhookDeliveryDetail, now: Instant) -> impl IntoView {
    let (delivery, endpoint) = (detail.delivery.clone(), detail.endpoint.clone());
    let replay = format!("/o/{}/deliveries/{}/replay", use_portal_frame().organization.slug, delivery.id);
    let url = endpoint.url.as_str().to_owned();
    let badge = delivery.clone();
    let action = detail.event.fact.action();
    let under = move || {
        view! {
            <p class="row quiet">
                <WebhookDeliveryBadge delivery=badge/>
                <code class="small">{action}</code>
                <code class="small webhook__url">{url}</code>
            </p>
        }
    };
    let waits = delivery.state == WebhookDeliveryState::Pending;
    let word = match (endpoint.disabled.is_some(), waits) {
        (true, _) => None,
        (false, true) if delivery.due_at > now => Some("Send now"),
        (false, true) => None,
        (false, false) => Some("Send again"),
    };
    let actions = move || {
        word.map(|word| view! { <form method="post" action=replay><Submit busy="Sending…">{word}</Submit></form> })
    };
    let title = action_label(action);
    let next = (waits && delivery.attempts > 0).then_some(delivery.due_at);
    view! {
        <Page title back=(page_of(endpoint.id), "Webhook") under actions live=true>
            <div class="page__columns">
                <section class="stack" aria-label="What is sent">
                    <pre class="code letter__code" tabindex="0" role="region" aria-label="The body as it is sent">{pretty_payload(detail.event.clone())}</pre>
                </section>
                <section class="panel">
                    <div class="panel__head"><h2>"Attempts"</h2></div>
                    <div class="panel__body"><Tries attempts=detail.attempts next now/></div>
                </section>
            </div>
        </Page>
    }
}

/// The attempts, the most recent first.
#[component]
fn Tries(attempts: Vec<Attempt>, next: Option<Instant>, now: Instant) -> impl IntoView {
    if attempts.is_empty() {
        return view! { <p class="quiet">"No attempts yet."</p> }.into_any();
    }
    let rows = attempts.into_iter().rev().map(|attempt| view! { <Try attempt now/> }).collect_view();
    view! {
        {next.map(|at| view! { <p class="quiet">"Next attempt "<When at now style=WhenStyle::Exact/></p> })}
        <ol class="stack webhook__tries">{rows}</ol>
    }
    .into_any()
}

#[component]
fn Try(attempt: Attempt, now: Instant) -> impl IntoView {
    let (at, took) = (attempt.at, format!("{} ms", attempt.milliseconds));
    let answer = (!attempt.answer.is_empty()).then(|| {
        view! {
            <details>
                <summary class="small">"Response"</summary>
                <pre class="code letter__code" tabindex="0" role="region" aria-label="Response">{attempt.answer.clone()}</pre>
            </details>
        }
    });
    view! {
        <li class="stack stack--tight">
            <span class="row"><AttemptBadge attempt/><span class="small quiet"><When at now style=WhenStyle::Exact/>", "{took}</span></span>
            {answer}
        </li>
    }
}
