//! One webhook: its state and its deliveries.

use super::{
    badge::{WebhookDeliveryBadge, WebhookEndpointBadge},
    index::Hears,
    list, page_of,
};
use crate::app::{
    component::{Column, Notice, NoticeKind, PAGE, Pager, Submit, Tab, Table, Tabs, When, WhenStyle, place},
    context::PathId,
    event_description::action_label,
    form::fields,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::{ListQuery, Param, address},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::WebhookDeliveryList;
use vestibule_domain::webhook::{DisabledWhy, WebhookDelivery, WebhookDeliveryState, WebhookEndpoint};
use vestibule_domain::{Event, Instant, WebhookEndpointId};

fields! {
    /// The query of the page's URL.
    pub struct DeliveryQuery {
        state: Param<WebhookDeliveryState>,
        cursor: Param,
    }
}

impl ListQuery for DeliveryQuery {
    fn cursor(&mut self) -> &mut Param {
        &mut self.cursor
    }
}

pub async fn show(
    context: PortalContext,
    PathId(id): PathId<WebhookEndpointId>,
    Query(query): Query<DeliveryQuery>,
) -> Response {
    let (state, cursor) = (query.state.read(), query.cursor.some());
    let found = context.vestibule().webhook_deliveries().page(&context.scope, id, state, cursor, PAGE).boxed().await;
    let now = context.vestibule().now();
    context.show(found, move |found| view! { <Show found query now/> }).await
}

#[component]
fn Show(found: WebhookDeliveryList, query: DeliveryQuery, now: Instant) -> impl IntoView {
    let endpoint = found.endpoint.clone();
    let (url, page) = (endpoint.url.as_str().to_owned(), page_of(endpoint.id));
    let title = endpoint.description.as_ref().map_or_else(|| url.clone(), ToString::to_string);
    let badge = endpoint.clone();
    let note = endpoint.description.is_some().then_some(url);
    let under = move || {
        view! {
            <p class="row quiet"><WebhookEndpointBadge endpoint=badge/>{note.map(|url| view! { <code class="small webhook__url">{url}</code> })}</p>
        }
    };
    let edit = format!("{page}/edit");
    let actions = move || view! { <a class="button" href=edit>"Edit"</a> };
    view! {
        <Page title back=list() under actions live=true>
            <Trouble endpoint=endpoint.clone() now/>
            <Facts endpoint page=page.clone() now/>
            <section class="stack" aria-label="Deliveries">
                <Tabs label="State" tabs=tabs(&found, &query, &page)/>
                <Deliveries found query page now/>
            </section>
        </Page>
    }
}

/// Describes the problem and what to do, if the webhook is disabled or failing.
#[component]
fn Trouble(endpoint: WebhookEndpoint, now: Instant) -> impl IntoView {
    let page = page_of(endpoint.id);
    match (endpoint.disabled, endpoint.failing_since) {
        (Some(disabled), _) => {
            let (tone, text) = match disabled.why {
                DisabledWhy::ByHand => {
                    (NoticeKind::Warning, "Someone disabled it. What happens in the meantime is not sent later.")
                }
                DisabledWhy::Gone => (NoticeKind::Danger, "It answered 410 (Gone). Enable it if that was a mistake."),
                DisabledWhy::MakerMayNot => (
                    NoticeKind::Danger,
                    "The person or key that created it was removed, or can no longer manage webhooks. Enable it to take it over.",
                ),
                DisabledWhy::Failing => (
                    NoticeKind::Danger,
                    "All deliveries failed for five days. Fix your server, then enable it and send what failed again.",
                ),
            };
            view! {
                <Notice tone title="Nothing is being sent" text>
                    <form method="post" action=format!("{page}/enable")>
                        <Submit class="button button--small" busy="Enabling…">"Enable"</Submit>
                    </form>
                </Notice>
            }
            .into_any()
        }
        (None, Some(since)) => view! {
            <div class="flash flash--warning" role="status">
                <p>
                    "No delivery has succeeded since "
                    <When at=since now style=WhenStyle::Exact/>
                    ". Each one is retried for three days. After five days without success, the webhook is disabled."
                </p>
            </div>
        }
        .into_any(),
        (None, None) => ().into_any(),
    }
}

fn tabs(found: &WebhookDeliveryList, query: &DeliveryQuery, page: &str) -> Vec<Tab> {
    let states = WebhookDeliveryState::ALL.iter().map(|state| (Some(*state), state.label()));
    let tabs = std::iter::once((None, "All")).chain(states).map(|(state, name)| {
        let part = DeliveryQuery { state: state.map(<&str>::from).into(), ..DeliveryQuery::default() };
        let is_open = query.state.read() == state;
        Tab { href: address(page, &part), name, count: found.counts.of(state), is_open }
    });
    tabs.collect()
}

const COLUMNS: &[Column] = &[Column::new("Event"), Column::new("State"), Column::new("Attempts"), Column::new("When")];

#[component]
fn Deliveries(found: WebhookDeliveryList, query: DeliveryQuery, page: String, now: Instant) -> impl IntoView {
    if found.page.items.is_empty() {
        let words = match query.state.is_there() {
            false => "Nothing has been sent yet. The next event will be.",
            true => "No deliveries in this state.",
        };
        return view! { <section class="panel"><div class="panel__body"><p class="quiet">{words}</p></div></section> }
            .into_any();
    }
    let note = place(&found.page, found.counts.of(query.state.read()), "delivery", "deliveries");
    let (newer, older) = query.turns(&page, &found.page);
    let rows = found.page.items.into_iter().map(|(delivery, event)| view! { <Row delivery event now/> }).collect_view();
    view! {
        <div class="list"><Table caption="Deliveries, newest first" columns=COLUMNS>{rows}</Table></div>
        <Pager note newer older/>
    }
    .into_any()
}

#[component]
fn Row(delivery: WebhookDelivery, event: Event, now: Instant) -> impl IntoView {
    let href = format!("/o/{}/deliveries/{}", use_portal_frame().organization.slug, delivery.id);
    let (row, action) = (format!("row-{}", delivery.id), event.fact.action());
    let waits = (delivery.state == WebhookDeliveryState::Pending && delivery.due_at > now).then(|| {
        view! { <span class="table__note">"Next attempt "<When at=delivery.due_at now style=WhenStyle::Exact/></span> }
    });
    view! {
        <tr role="row" id=row>
            <td role="cell" class="table__lead">
                <a href=href>{action_label(action)}<span class="sr">{format!(", number {}", event.number)}</span></a>
                <code class="table__note">{action}</code>
            </td>
            <td role="cell" class="table__side"><WebhookDeliveryBadge delivery=delivery.clone()/>{waits}</td>
            <td role="cell" data-label="Attempts">{delivery.attempts}</td>
            <td role="cell" data-label="When"><span class="nowrap"><When at=event.at now style=WhenStyle::Exact/></span></td>
        </tr>
    }
}

#[component]
fn Facts(endpoint: WebhookEndpoint, page: String, now: Instant) -> impl IntoView {
    let rotated = endpoint.rotated_at.map(|at| {
        view! { <div><dt>"Secret replaced"</dt><dd><When at now style=WhenStyle::Exact/></dd></div> }
    });
    let disable = endpoint.disabled.is_none().then(|| {
        view! {
            <form method="post" action=format!("{page}/disable")>
                <Submit class="button button--small" busy="Disabling…">"Disable"</Submit>
            </form>
        }
    });
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Details"</h2></div>
            <div class="panel__body">
                <dl class="facts facts--row">
                    <div><dt>"Events"</dt><dd><Hears actions=endpoint.actions.clone()/></dd></div>
                    <div><dt>"Created"</dt><dd><When at=endpoint.created_at now style=WhenStyle::Exact/></dd></div>
                    {rotated}
                </dl>
            </div>
            <div class="panel__foot">
                <a class="button button--small" href=format!("{page}/rotate")>"Replace secret…"</a>
                {disable}
                <a class="button button--small button--danger" href=format!("{page}/delete")>"Delete…"</a>
            </div>
        </section>
    }
}
