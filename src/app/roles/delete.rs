//! Asks for confirmation before a role is deleted, or shows how many have it.

use super::hindrance;
use crate::app::{
    component::{Confirm, Notice, NoticeKind, confirm::Hindered, uses},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{Permission, Role, RoleId, Uses};

pub async fn delete(context: PortalContext, PathId(id): PathId<RoleId>) -> Response {
    let read = read(&context, id).boxed().await;
    context.show(read, |(role, uses)| view! { <Delete role uses/> }).await
}

async fn read(context: &PortalContext, id: RoleId) -> service::Result<(Role, Uses)> {
    context.demand(Permission::RoleEdit)?;
    context.vestibule().roles().get_with_uses(&context.scope, id).await
}

#[component]
fn Delete(role: Role, uses: Uses) -> impl IntoView {
    let here = use_portal_frame();
    let list = format!("/o/{}/roles", here.organization.slug);
    let (name, back) = (role.name.clone(), (format!("{list}/{}/edit", role.id), "Back to the role"));
    let body = match (hindrance(&here.permissions, &role), uses.total()) {
        (Some(reason), _) => view! { <Hindered reason/> }.into_any(),
        (None, 0) => view! { <Question role list/> }.into_any(),
        (None, _) => view! { <InUse role uses/> }.into_any(),
    };
    view! { <Page title=format!("Delete {name}?") back class="page page--form">{body}</Page> }
}

#[component]
fn Question(role: Role, list: String) -> impl IntoView {
    let action = format!("{list}/{}/delete", role.id);
    view! {
        <Confirm action cancel=list verb=move || view! { "Delete "<bdi>{role.name}</bdi> } busy="Deleting…">
            <p>"Nobody has this role or is invited to it. Programs that use its key will be refused. You can’t undo this."</p>
        </Confirm>
    }
}

#[component]
fn InUse(role: Role, uses: Uses) -> impl IntoView {
    let organization = format!("/o/{}", use_portal_frame().organization.slug);
    let members = format!("{organization}/members?role={}", role.id);
    let invitations = format!("{organization}/invitations?status=pending&role={}", role.id);
    let title = format!("{} can’t be deleted while someone has it", role.name);
    let text = format!("It belongs to {}. Give them another role first.", uses::in_words(uses));
    view! {
        <Notice tone=NoticeKind::Warning title text/>
        <p class="row">
            {(uses.members > 0).then(|| view! { <a class="button" href=members>"See the members"</a> })}
            {(uses.invitations > 0).then(|| view! { <a class="button" href=invitations>"See the invitations"</a> })}
        </p>
    }
}
