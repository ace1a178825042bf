//! The list of keys, including revoked and expired ones.

use super::surface_label;
use crate::app::{
    component::{AddButton, Column, Empty, PermissionCount, Table, When, WhenStyle},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{ApiKey, Instant};

pub async fn index(context: PortalContext) -> Response {
    let keys = context.vestibule().api_keys().all(&context.scope).boxed().await;
    let now = context.vestibule().now();
    context.show(keys, move |keys| view! { <Index keys now/> }).await
}

#[component]
fn Index(keys: Vec<ApiKey>, now: Instant) -> impl IntoView {
    let under = || {
        view! {
            <p class="page__lede">
                "Programs use a key to act for this organization. See the "
                <a href="/api/docs/">"API reference"</a> "."
            </p>
        }
    };
    let list = match keys.is_empty() {
        true => view! { <NoKeys/> }.into_any(),
        false => view! { <List keys now/> }.into_any(),
    };
    view! { <Page title="API keys" under actions=NewButton live=true>{list}</Page> }
}

#[component]
fn NewButton() -> impl IntoView {
    view! { <AddButton href=format!("/o/{}/keys/new", use_portal_frame().organization.slug) words="New key"/> }
}

#[component]
fn NoKeys() -> impl IntoView {
    let text =
        "With a key, your own server can invite people, bring them back to your site, and learn about every change.";
    view! { <Empty title="No API keys yet" text=text.to_owned()><NewButton/></Empty> }
}

const COLUMNS: &[Column] = &[
    Column::of_class("Key", "table__wide"),
    Column::new("Permissions"),
    Column::new("Last used"),
    Column::new("Expires"),
    Column::ACTIONS,
];

#[component]
fn List(keys: Vec<ApiKey>, now: Instant) -> impl IntoView {
    let rows = keys.into_iter().map(|key| view! { <Row key now/> }).collect_view();
    view! { <div class="list"><Table caption="API keys, newest first" columns=COLUMNS>{rows}</Table></div> }
}

#[component]
fn Row(key: ApiKey, now: Instant) -> impl IntoView {
    let (name, usable) = (key.name.to_string(), key.is_usable(now));
    let href = format!("/o/{}/keys/{}/revoke", use_portal_frame().organization.slug, key.id);
    let row = format!("row-{}", key.id);
    let whose = surface_label(&name, key.surface).map_or_else(String::new, |label| format!("For {label} · "));
    let made = format!("{whose}vsk_…{} · created by {}", key.hint, key.created_by.name());
    let used = match key.last_used_at {
        Some(at) => view! { <When at now style=WhenStyle::Brief/> }.into_any(),
        None => "Never".into_any(),
    };
    view! {
        <tr role="row" id=row>
            <td role="cell" class="table__lead table__wide">
                <span class="person">
                    <span class="person__name"><bdi>{name.clone()}</bdi></span>
                    <span class="person__address">{made}</span>
                </span>
            </td>
            <td role="cell" data-label="Permissions"><PermissionCount permissions=key.permissions.clone()/></td>
            <td role="cell" data-label="Last used"><span class="nowrap">{used}</span></td>
            <td role="cell" data-label="Expires"><span class="nowrap"><End key now/></span></td>
            <td role="cell" class="table__tools table__side">
                {usable.then(|| view! { <a class="small" href=href>"Revoke…"<span class="sr">" "{name}</span></a> })}
            </td>
        </tr>
    }
}

#[component]
fn End(key: ApiKey, now: Instant) -> impl IntoView {
    match (key.revoked_at, key.expires_at) {
        (Some(at), _) => view! { "Revoked " <When at now style=WhenStyle::Brief/> }.into_any(),
        (None, Some(at)) if at <= now => view! { "Expired " <When at now style=WhenStyle::Brief/> }.into_any(),
        (None, Some(at)) => view! { <When at now style=WhenStyle::Brief/> }.into_any(),
        (None, None) => "Never".into_any(),
    }
}
