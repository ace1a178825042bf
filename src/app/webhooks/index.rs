//! The list of webhooks.

use super::{badge::WebhookEndpointBadge, list, page_of};
use crate::app::{
    component::{AddButton, Column, Empty, Table},
    event_description::action_label,
    layout::Page,
    portal_context::PortalContext,
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::webhook::WebhookEndpoint;

pub async fn index(context: PortalContext) -> Response {
    let endpoints = context.vestibule().webhook_endpoints().all(&context.scope).boxed().await;
    context.show(endpoints, |endpoints| view! { <Index endpoints/> }).await
}

#[component]
fn Index(endpoints: Vec<WebhookEndpoint>) -> impl IntoView {
    let under = || {
        view! {
            <p class="page__lede">
                "Vestibule sends each event to your server, signed. See the "
                <a href="/api/docs/">"API reference"</a> "."
            </p>
        }
    };
    let list = match endpoints.is_empty() {
        true => view! { <NoWebhooks/> }.into_any(),
        false => view! { <List endpoints/> }.into_any(),
    };
    view! { <Page title="Webhooks" under actions=NewButton live=true>{list}</Page> }
}

#[component]
fn NewButton() -> impl IntoView {
    view! { <AddButton href=format!("{}/new", list().0) words="New webhook"/> }
}

#[component]
fn NoWebhooks() -> impl IntoView {
    let text = "When someone accepts, leaves or is invited, a webhook tells your own server within a second.";
    view! { <Empty title="No webhooks yet" text=text.to_owned()><NewButton/></Empty> }
}

const COLUMNS: &[Column] = &[Column::of_class("Webhook", "table__wide"), Column::new("State"), Column::new("Events")];

#[component]
fn List(endpoints: Vec<WebhookEndpoint>) -> impl IntoView {
    let rows = endpoints.into_iter().map(|endpoint| view! { <Row endpoint/> }).collect_view();
    view! { <div class="list"><Table caption="Webhooks, newest first" columns=COLUMNS>{rows}</Table></div> }
}

#[component]
fn Row(endpoint: WebhookEndpoint) -> impl IntoView {
    let url = endpoint.url.as_str().to_owned();
    let (name, note) = match &endpoint.description {
        Some(description) => (description.to_string(), Some(url)),
        None => (url, None),
    };
    let (href, row) = (page_of(endpoint.id), format!("row-{}", endpoint.id));
    view! {
        <tr role="row" id=row>
            <td role="cell" class="table__lead table__wide">
                <span class="person">
                    <a class="person__name" href=href><bdi>{name}</bdi></a>
                    {note.map(|note| view! { <span class="person__address">{note}</span> })}
                </span>
            </td>
            <td role="cell" class="table__side"><WebhookEndpointBadge endpoint=endpoint.clone()/></td>
            <td role="cell" data-label="Events"><Hears actions=endpoint.actions/></td>
        </tr>
    }
}

/// Shows everything, a single action by name, or the number of actions; the title lists them.
#[component]
pub fn Hears(actions: Vec<String>) -> impl IntoView {
    let words = match &actions[..] {
        [] => "All".to_owned(),
        [one] => action_label(one),
        more => format!("{} kinds", more.len()),
    };
    view! { <span title=actions.join(", ")>{words}</span> }
}
