//! Asks for confirmation before a resource is deleted, or shows how many are limited to it.

use crate::app::{
    component::{Confirm, Notice, NoticeKind, uses},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{Permission, Resource, ResourceId, Uses};

pub async fn delete(context: PortalContext, PathId(id): PathId<ResourceId>) -> Response {
    let read = read(&context, id).boxed().await;
    context.show(read, |(resource, uses)| view! { <Delete resource uses/> }).await
}

async fn read(context: &PortalContext, id: ResourceId) -> service::Result<(Resource, Uses)> {
    context.demand(Permission::OrganizationEdit)?;
    context.vestibule().resources().get_with_uses(&context.scope, id).await
}

#[component]
fn Delete(resource: Resource, uses: Uses) -> impl IntoView {
    let list = format!("/o/{}/resources", use_portal_frame().organization.slug);
    let page = format!("{list}/{}", resource.id);
    let name = resource.name.to_string();
    let body = match uses.total() {
        0 => view! { <Question name=name.clone() action=format!("{page}/delete") list/> }.into_any(),
        _ => view! { <InUse name=name.clone() uses list/> }.into_any(),
    };
    let back = (format!("{page}/edit"), "Back to the resource");
    view! { <Page title=format!("Delete {name}?") back class="page page--form">{body}</Page> }
}

#[component]
fn Question(name: String, action: String, list: String) -> impl IntoView {
    view! {
        <Confirm action cancel=list verb=move || view! { "Delete "<bdi>{name}</bdi> } busy="Deleting…">
            <p>
                "Nobody is limited to it. Programs that name it when they invite will be refused. You can’t undo this."
            </p>
        </Confirm>
    }
}

#[component]
fn InUse(name: String, uses: Uses, list: String) -> impl IntoView {
    let title = format!("{name} can’t be deleted while someone is limited to it");
    let text = format!(
        "It is used by {}. Without it, they would be limited to nothing, or to less than intended. Change them first.",
        uses::in_words(uses)
    );
    view! {
        <Notice tone=NoticeKind::Warning title text/>
        <p class="row"><a class="button" href=list>"Back to the resources"</a></p>
    }
}
