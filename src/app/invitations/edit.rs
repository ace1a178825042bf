//! Editing an invitation's offer.

use super::{
    BEYOND,
    offer::{LifetimeField, MessageField, ResourcesField, RolesField, chosen_resources, chosen_roles},
    row::invitee,
};
use crate::app::{
    component::{Badge, Submit, Summary},
    context::{Id, sent},
    form::Draft,
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use axum::response::Response;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{InvitationDetail, InvitationId, Resource, Status};

pub async fn edit(visit: Visit, Id(id): Id<InvitationId>) -> Response {
    page(visit, id, None).await
}

/// Shows the form, with the draft of one that was refused if there is one.
pub async fn page(visit: Visit, id: InvitationId, draft: Option<Draft>) -> Response {
    let read = sent(read(&visit, id)).await;
    visit.show(read, |(detail, resources)| view! { <Form detail resources draft/> })
}

async fn read(visit: &Visit, id: InvitationId) -> service::Result<(InvitationDetail, Vec<Resource>)> {
    let detail = visit.vestibule().invitation(&visit.scope, id).await?;
    let mut resources = visit.vestibule().all_resources(&visit.scope).await?;
    resources.retain(|resource| visit.whereabouts.limit.has(resource.id));
    Ok((detail, resources))
}

#[component]
fn Form(detail: InvitationDetail, resources: Vec<Resource>, draft: Option<Draft>) -> impl IntoView {
    let here = use_whereabouts();
    let (slug, may_change) = (here.organization.slug.clone(), here.may_change(&detail.row.invitation));
    let (row, invitation) = (detail.row.clone(), detail.row.invitation);
    let here = format!("/o/{slug}/invitations/{}", invitation.id);
    let name = invitee(&row);
    let open = row.status == Status::Pending;
    let roles = chosen_roles(draft.as_ref(), || invitation.role_ids.clone());
    let limits = chosen_resources(draft.as_ref(), || invitation.resource_ids.clone());
    let message = draft.as_ref().map_or_else(
        || invitation.message.as_ref().map(|message| message.as_str().to_owned()).unwrap_or_default(),
        |draft| draft.text("message"),
    );
    let draft = draft.unwrap_or_default();
    let form = (open && may_change).then(|| {
        view! {
            <form class="panel" method="post" action=format!("{here}/edit") novalidate data-send>
                <div class="panel__body">
                    <RolesField chosen=roles error=draft.error("role_ids")/>
                    <ResourcesField all=resources chosen=limits error=draft.error("resource_ids")/>
                    <MessageField value=message error=draft.error("message")/>
                    <LifetimeField
                        chosen=draft.text("expires_in_days")
                        error=draft.error("expires_in_days")
                        ends=(invitation.expires_at, detail.now)
                    />
                </div>
                <div class="panel__foot">
                    <Submit busy="Changing…">"Change the offer"</Submit>
                    <a class="button button--quiet" href=here.clone()>"Cancel"</a>
                </div>
            </form>
        }
    });
    let closed = (!open).then(|| {
        view! {
            <section class="panel">
                <div class="panel__body">
                    <p class="row"><Badge status=row.status/>" Only an open invitation can be changed."</p>
                </div>
            </section>
        }
    });
    view! {
        <Page
            title=format!("Change the offer to {name}")
            back=(here, "Back to the invitation")
            class="page page--form"
            under=|| view! { <p class="page__lede">"The link stays the same; it shows what is offered now."</p> }
        >
            <Summary violations=draft.violations/>
            {form}
            {closed}
            {(open && !may_change).then(|| view! {
                <section class="panel"><div class="panel__body"><p>{BEYOND}</p></div></section>
            })}
        </Page>
    }
    .into_any()
}
