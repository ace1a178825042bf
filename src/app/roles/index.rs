//! The list of roles, the built-in ones first.

use super::hindrance;
use crate::app::{
    component::{AddButton, Column, PermissionCount, Table},
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_domain::{Permission, Role};

pub async fn index(context: PortalContext) -> Response {
    let roles = match context.demand(Permission::RoleEdit) {
        Ok(()) => context.vestibule().roles().all(&context.scope).boxed().await,
        Err(error) => Err(error),
    };
    context.show(roles, |roles| view! { <Index roles/> }).await
}

const COLUMNS: &[Column] =
    &[Column::of_class("Role", "table__wide"), Column::new("Key"), Column::new("Permissions"), Column::ACTIONS];

#[component]
fn Index(roles: Vec<Role>) -> impl IntoView {
    let under = || {
        view! {
            <p class="page__lede">
                "A role says what members can do. Three are built in. Create your own where they don’t fit."
            </p>
        }
    };
    let rows = roles.into_iter().map(|role| view! { <Row role/> }).collect_view();
    view! {
        <Page title="Roles" under actions=NewButton live=true>
            <div class="list"><Table caption="Roles" columns=COLUMNS>{rows}</Table></div>
        </Page>
    }
}

#[component]
fn NewButton() -> impl IntoView {
    view! { <AddButton href=format!("/o/{}/roles/new", use_portal_frame().organization.slug) words="New role"/> }
}

#[component]
fn Row(role: Role) -> impl IntoView {
    let here = use_portal_frame();
    let page = format!("/o/{}/roles/{}", here.organization.slug, role.id);
    let (href, verb) = match hindrance(&here.permissions, &role) {
        None => (format!("{page}/edit"), "Edit"),
        Some(_) => (page, "View"),
    };
    let (name, is_built_in) = (role.name.clone(), role.is_built_in());
    view! {
        <tr role="row" id=format!("row-{}", role.id)>
            <td role="cell" class="table__lead table__wide">
                <span class="person">
                    <a class="person__name" href=href.clone()><bdi>{name.clone()}</bdi></a>
                    {is_built_in.then(|| view! { <span class="person__address">"Built in"</span> })}
                </span>
            </td>
            <td role="cell" data-label="Key"><code class="small table__code">{role.key}</code></td>
            <td role="cell" data-label="Permissions"><PermissionCount permissions=role.permissions/></td>
            <td role="cell" class="table__tools table__side">
                <a class="small" href=href>{verb}<span class="sr">" "{name}</span></a>
            </td>
        </tr>
    }
}
