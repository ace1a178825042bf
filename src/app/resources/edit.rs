//! Editing a resource.

use super::form::{LABELS, ResourceFields, ResourceForm};
use crate::app::{
    component::{Glyph, Icon, Summary},
    context::PathId,
    etag::ChangedNotice,
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::etag;
use vestibule_domain::{Permission, Resource, ResourceId};

pub async fn edit(context: PortalContext, PathId(id): PathId<ResourceId>) -> Response {
    page(context, id, None).await
}

/// Shows the form, with the draft of one that was refused if there is one.
pub async fn page(context: PortalContext, id: ResourceId, draft: Option<Draft<ResourceForm>>) -> Response {
    let resource = match context.demand(Permission::OrganizationEdit) {
        Ok(()) => context.vestibule().resources().get(&context.scope, id).boxed().await,
        Err(error) => Err(error),
    };
    context.show(resource, |resource| view! { <Edit resource draft/> }).await
}

#[component]
fn Edit(resource: Resource, draft: Option<Draft<ResourceForm>>) -> impl IntoView {
    let list = format!("/o/{}/resources", use_portal_frame().organization.slug);
    let page = format!("{list}/{}", resource.id);
    let present = ResourceForm::filled(&resource);
    let draft = draft.unwrap_or_else(|| Draft::of(present.clone()));
    let delete = format!("{page}/delete");
    let actions =
        move || view! { <a class="button button--danger" href=delete><Icon glyph=Glyph::Cross/>"Delete…"</a> };
    view! {
        <Page title=resource.name.to_string() back=(list.clone(), "Resources") class="page page--form" actions>
            <ChangedNotice draft=draft.clone() present labels=LABELS/>
            <Summary violations=draft.violations.clone() fields=ResourceForm::SHOWN/>
            <ResourceFields
                action=format!("{page}/edit")
                cancel=list
                draft
                etag=etag(&resource)
                verb="Save resource"
                busy="Saving…"
            />
        </Page>
    }
}
