//! The list of resources, newest first.

use crate::app::{
    component::{Empty, Glyph, Icon, Pager, When, WhenStyle, plural},
    context::sent,
    form::Fields,
    layout::Page,
    query::escape,
    visit::{Visit, use_whereabouts},
};
use axum::{extract::Query, response::Response};
use leptos::prelude::*;
use vestibule_domain::{Instant, Label, Page as Rows, Permission, Resource};

/// The number of rows per page.
const PAGE: u32 = 50;

pub async fn index(visit: Visit, Query(fields): Query<Fields>) -> Response {
    let cursor = Some(fields.text("cursor")).filter(|cursor| !cursor.is_empty());
    let found = sent(visit.vestibule().resources(&visit.scope, cursor, PAGE)).await;
    let now = visit.vestibule().now();
    visit.show(found, move |(rows, total)| view! { <Index rows total now/> })
}

#[component]
fn Index(rows: Rows<Resource>, total: u64, now: Instant) -> impl IntoView {
    let under = || {
        view! {
            <p class="page__lede">
                "What people may be limited to: an app, a project, a site. What it means, your own programs decide."
            </p>
        }
    };
    let list = match rows.items.is_empty() {
        true => view! { <NoResources/> }.into_any(),
        false => view! { <List rows total now/> }.into_any(),
    };
    view! { <Page title="Resources" under actions=NewButton live=true>{list}</Page> }
}

/// The button to create a resource. Shows nothing for users without the permission.
#[component]
fn NewButton() -> impl IntoView {
    let here = use_whereabouts();
    here.permissions.contains(&Permission::OrganizationEdit).then(|| {
        view! {
            <a class="button button--main" href=format!("/o/{}/resources/new", here.organization.slug)>
                <Icon glyph=Glyph::Plus/>
                "New resource"
            </a>
        }
    })
}

#[component]
fn NoResources() -> impl IntoView {
    let text =
        "Add the apps, projects or sites that you invite people to. An invitation can then be limited to some of them.";
    view! { <Empty title="There is nothing to limit people to yet" text=text.to_owned()><NewButton/></Empty> }
}

#[component]
fn List(rows: Rows<Resource>, total: u64, now: Instant) -> impl IntoView {
    let list = format!("/o/{}/resources", use_whereabouts().organization.slug);
    let turn = |cursor: Option<String>| cursor.map(|cursor| format!("{list}?cursor={}", escape(&cursor)));
    let (newer, older) = (turn(rows.newer), turn(rows.older));
    let note = plural(total, "resource", "resources");
    let rows = rows.items.into_iter().map(|resource| view! { <Row resource now/> }).collect_view();
    view! {
        <div class="list">
            <table class="table table--cards" role="table">
                <caption class="sr">"Resources, newest first"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col" class="table__wide">"Resource"</th>
                        <th role="columnheader" scope="col">"External id"</th>
                        <th role="columnheader" scope="col">"Bundle id"</th>
                        <th role="columnheader" scope="col">"Made"</th>
                        <th role="columnheader" scope="col"><span class="sr">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
        <Pager note newer older/>
    }
}

#[component]
fn Row(resource: Resource, now: Instant) -> impl IntoView {
    let here = use_whereabouts();
    let may_edit = here.permissions.contains(&Permission::OrganizationEdit);
    let href = format!("/o/{}/resources/{}/edit", here.organization.slug, resource.id);
    let name = resource.name.to_string();
    let lead = match may_edit {
        true => view! { <a class="person__name" href=href.clone()><bdi>{name.clone()}</bdi></a> }.into_any(),
        false => view! { <span class="person__name"><bdi>{name.clone()}</bdi></span> }.into_any(),
    };
    view! {
        <tr role="row" id=format!("row-{}", resource.id)>
            <td role="cell" class="table__lead table__wide">{lead}</td>
            <td role="cell" data-label="External id"><Id label=resource.external_id/></td>
            <td role="cell" data-label="Bundle id"><Id label=resource.bundle_id/></td>
            <td role="cell" data-label="Made">
                <span class="nowrap"><When at=resource.created_at now style=WhenStyle::Brief/></span>
            </td>
            <td role="cell" class="table__tools table__side">
                {may_edit.then(|| view! { <a class="small" href=href>"Edit"<span class="sr">" "{name}</span></a> })}
            </td>
        </tr>
    }
}

#[component]
fn Id(label: Option<Label>) -> impl IntoView {
    match label {
        Some(label) => view! { <code class="small table__code">{label.as_str().to_owned()}</code> }.into_any(),
        None => view! { <span class="quiet">"None"</span> }.into_any(),
    }
}
