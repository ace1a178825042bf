//! The list of resources, newest first.

use crate::app::{
    component::{AddButton, Column, Empty, PAGE, Pager, Table, When, WhenStyle, plural},
    form::fields,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
    query::{ListQuery, Param},
};
use axum::response::Response;
use axum_extra::extract::Query;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{CursorPage as Rows, Instant, Label, Permission, Resource};

fields! {
    /// The query of the list's URL.
    pub struct ResourceQuery {
        cursor: Param,
    }
}

impl ListQuery for ResourceQuery {
    fn cursor(&mut self) -> &mut Param {
        &mut self.cursor
    }
}

pub async fn index(context: PortalContext, Query(query): Query<ResourceQuery>) -> Response {
    let found = context.vestibule().resources().page(&context.scope, query.cursor.some(), PAGE).boxed().await;
    let now = context.vestibule().now();
    context.show(found, move |(rows, total)| view! { <Index rows query total now/> }).await
}

#[component]
fn Index(rows: Rows<Resource>, query: ResourceQuery, total: u64, now: Instant) -> impl IntoView {
    let under = || {
        view! {
            <p class="page__lede">
                "What people can be limited to: an app, a project, a site. Your own programs decide what this means."
            </p>
        }
    };
    let list = match rows.items.is_empty() {
        true => view! { <NoResources/> }.into_any(),
        false => view! { <List rows query total now/> }.into_any(),
    };
    view! { <Page title="Resources" under actions=NewButton live=true>{list}</Page> }
}

/// The button to create a resource. Shows nothing for users without the permission.
#[component]
fn NewButton() -> impl IntoView {
    let here = use_portal_frame();
    here.permissions.contains(&Permission::OrganizationEdit).then(|| {
        let href = format!("/o/{}/resources/new", here.organization.slug);
        view! { <AddButton href words="New resource"/> }
    })
}

#[component]
fn NoResources() -> impl IntoView {
    let text =
        "Add the apps, projects or sites that you invite people to. An invitation can then be limited to some of them.";
    view! { <Empty title="No resources yet" text=text.to_owned()><NewButton/></Empty> }
}

const COLUMNS: &[Column] = &[
    Column::of_class("Resource", "table__wide"),
    Column::new("External id"),
    Column::new("Bundle id"),
    Column::new("Created"),
    Column::ACTIONS,
];

#[component]
fn List(rows: Rows<Resource>, query: ResourceQuery, total: u64, now: Instant) -> impl IntoView {
    let path = format!("/o/{}/resources", use_portal_frame().organization.slug);
    let (newer, older) = query.turns(&path, &rows);
    let note = plural(total, "resource", "resources");
    let rows = rows.items.into_iter().map(|resource| view! { <Row resource now/> }).collect_view();
    view! {
        <div class="list"><Table caption="Resources, newest first" columns=COLUMNS>{rows}</Table></div>
        <Pager note newer older/>
    }
}

#[component]
fn Row(resource: Resource, now: Instant) -> impl IntoView {
    let here = use_portal_frame();
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
            <td role="cell" data-label="External id"><GivenId label=resource.external_id/></td>
            <td role="cell" data-label="Bundle id"><GivenId label=resource.bundle_id/></td>
            <td role="cell" data-label="Created">
                <span class="nowrap"><When at=resource.created_at now style=WhenStyle::Brief/></span>
            </td>
            <td role="cell" class="table__tools table__side">
                {may_edit.then(|| view! { <a class="small" href=href>"Edit"<span class="sr">" "{name}</span></a> })}
            </td>
        </tr>
    }
}

#[component]
fn GivenId(label: Option<Label>) -> impl IntoView {
    match label {
        Some(label) => view! { <code class="small table__code">{label.as_str().to_owned()}</code> }.into_any(),
        None => view! { <span class="quiet">"None"</span> }.into_any(),
    }
}
