//! Creating a resource.

use super::form::{ResourceFields, ResourceForm};
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
    page(context, Draft::default()).await
}

/// Shows the form, with a draft.
pub async fn page(context: PortalContext, draft: Draft<ResourceForm>) -> Response {
    let allowed = context.demand(Permission::OrganizationEdit);
    context.show(allowed, move |()| view! { <New draft/> }).await
}

#[component]
fn New(draft: Draft<ResourceForm>) -> impl IntoView {
    let list = format!("/o/{}/resources", use_portal_frame().organization.slug);
    let action = format!("{list}/new");
    view! {
        <Page title="New resource" back=(list.clone(), "Resources") class="page page--form">
            <Summary violations=draft.violations.clone() fields=ResourceForm::SHOWN/>
            <ResourceFields action cancel=list draft verb="Create resource" busy="Creating…"/>
        </Page>
    }
}
