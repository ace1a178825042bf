//! Editing one of the organization's own roles.

use super::{
    form::{LABELS, RoleFields, RoleForm},
    hindrance,
};
use crate::app::{
    component::{CountsNote, Glyph, Icon, Summary, TakeOver, confirm::Hindered},
    context::PathId,
    etag::ChangedNotice,
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, etag};
use vestibule_domain::{DependentCounts, Permission, Role, RoleId};

pub async fn edit(context: PortalContext, PathId(id): PathId<RoleId>) -> Response {
    page(context, id, None).await
}

/// Shows the form, with the draft of one that was refused if there is one.
pub async fn page(context: PortalContext, id: RoleId, draft: Option<Draft<RoleForm>>) -> Response {
    let read = read(&context, id).boxed().await;
    context.show(read, |(role, dependents)| view! { <Edit role dependents draft/> }).await
}

/// Returns the role, with the dependents of its members.
async fn read(context: &PortalContext, id: RoleId) -> service::Result<(Role, DependentCounts)> {
    context.demand(Permission::RoleEdit)?;
    let role = context.vestibule().roles().get(&context.scope, id).await?;
    Ok((role, context.vestibule().dependents().of_role(&context.scope, id).await?))
}

#[component]
fn Edit(role: Role, dependents: DependentCounts, draft: Option<Draft<RoleForm>>) -> impl IntoView {
    let here = use_portal_frame();
    let list = format!("/o/{}/roles", here.organization.slug);
    let page = format!("{list}/{}", role.id);
    let hindrance = hindrance(&here.permissions, &role);
    let (may_edit, key, name) = (hindrance.is_none(), role.key.clone(), role.name.clone());
    let delete = format!("{page}/delete");
    let actions = move || {
        may_edit.then(|| view! { <a class="button button--danger" href=delete><Icon glyph=Glyph::Cross/>"Delete…"</a> })
    };
    let under = move || view! { <p class="quiet">"Key: " <code>{key}</code> " (can’t be changed)"</p> };
    let body = match hindrance {
        Some(reason) => view! { <Hindered reason/> }.into_any(),
        None => view! { <Form role dependents page list=list.clone() draft/> }.into_any(),
    };
    view! {
        <Page title=name back=(list, "Roles") class="page page--form" under actions>
            {body}
        </Page>
    }
}

#[component]
fn Form(
    role: Role,
    dependents: DependentCounts,
    page: String,
    list: String,
    draft: Option<Draft<RoleForm>>,
) -> impl IntoView {
    let present = RoleForm::filled(&role);
    let draft = draft.unwrap_or_else(|| Draft::of(present.clone()));
    view! {
        <ChangedNotice draft=draft.clone() present labels=LABELS/>
        <Summary violations=draft.violations.clone() fields=RoleForm::SHOWN_IN_EDIT/>
        <RoleFields
            action=format!("{page}/edit")
            cancel=list
            draft
            etag=etag(&role)
            note=view! { <Note dependents/> }.into_any()
            verb="Save role"
            busy="Saving…"
        />
    }
}

/// Shows the dependents of the role's members, with the choice to take them over.
#[component]
fn Note(dependents: DependentCounts) -> impl IntoView {
    let fate = "Whatever needs the permissions that you remove stops working when you save.";
    (!dependents.is_empty()).then(|| {
        view! {
            <CountsNote counts=dependents made="by people with this role" fate/>
            <TakeOver name=RoleForm::dependents().name/>
        }
        .into_any()
    })
}
