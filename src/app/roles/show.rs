//! One role to read: what it allows, and what it doesn't.

use super::hindrance;
use crate::app::{
    component::{Glyph, Icon, PermissionList},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{Permission, Role, RoleId};

pub async fn show(context: PortalContext, PathId(id): PathId<RoleId>) -> Response {
    let role = read(&context, id).boxed().await;
    context.show(role, |role| view! { <Show role/> }).await
}

async fn read(context: &PortalContext, id: RoleId) -> service::Result<Role> {
    context.demand(Permission::RoleEdit)?;
    context.vestibule().roles().get(&context.scope, id).await
}

#[component]
fn Show(role: Role) -> impl IntoView {
    let here = use_portal_frame();
    let list = format!("/o/{}/roles", here.organization.slug);
    let hindrance = hindrance(&here.permissions, &role);
    let edit = hindrance.is_none().then(|| format!("{list}/{}/edit", role.id));
    let actions = move || edit.map(|href| view! { <a class="button" href=href><Icon glyph=Glyph::Edit/>"Edit"</a> });
    let Role { key, name, permissions, .. } = role;
    let under = move || view! { <p class="quiet">"Key: " <code>{key}</code> " (can’t be changed)"</p> };
    view! {
        <Page title=name back=(list, "Roles") class="page page--form" under actions live=true>
            <section class="panel">
                <div class="panel__head"><h2>"Permissions"</h2></div>
                <div class="panel__body">
                    <PermissionList permissions/>
                    {hindrance.map(|reason| view! { <p class="small quiet">{reason}</p> })}
                </div>
            </section>
        </Page>
    }
}
