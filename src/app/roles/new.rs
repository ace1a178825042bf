//! Creating a role.

use super::form::{RoleFields, RoleForm};
use crate::app::{
    component::Summary,
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_domain::Permission;

pub async fn new(context: PortalContext) -> Response {
    page(context, Draft::of(RoleForm::fresh())).await
}

/// Shows the form, with a draft if there is one.
pub async fn page(context: PortalContext, draft: Draft<RoleForm>) -> Response {
    let allowed = context.demand(Permission::RoleEdit);
    context.show(allowed, move |()| view! { <New draft/> }).await
}

#[component]
fn New(draft: Draft<RoleForm>) -> impl IntoView {
    let list = format!("/o/{}/roles", use_portal_frame().organization.slug);
    let action = format!("{list}/new");
    view! {
        <Page title="New role" back=(list.clone(), "Roles") class="page page--form">
            <Summary violations=draft.violations.clone() fields=RoleForm::SHOWN/>
            <RoleFields action cancel=list draft verb="Create role" busy="Creating…"/>
        </Page>
    }
}
