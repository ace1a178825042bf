//! Editing an invitation's offer.

use super::{BEYOND, offer::OfferFields};
use crate::app::{
    component::{Badge, FormPanel, Summary, confirm::Hindered},
    context::PathId,
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service;
use vestibule_domain::{InvitationDetail, InvitationId, Resource, Status};
use vestibule_functions::server::InviteForm;

pub async fn edit(context: PortalContext, PathId(id): PathId<InvitationId>) -> Response {
    page(context, id, None).await
}

/// Shows the form, with the draft of one that was refused if there is one.
pub async fn page(context: PortalContext, id: InvitationId, draft: Option<Draft<InviteForm>>) -> Response {
    let read = read(&context, id).boxed().await;
    context.show(read, |(detail, resources)| view! { <Form detail resources draft/> }).await
}

async fn read(context: &PortalContext, id: InvitationId) -> service::Result<(InvitationDetail, Vec<Resource>)> {
    let detail = context.vestibule().invitations().detail(&context.scope, id).await?;
    let mut resources = context.vestibule().resources().all(&context.scope).await?;
    resources.retain(|resource| context.portal_frame.limit.has(resource.id));
    Ok((detail, resources))
}

#[component]
fn Form(detail: InvitationDetail, resources: Vec<Resource>, draft: Option<Draft<InviteForm>>) -> impl IntoView {
    let here = use_portal_frame();
    let (slug, may_change) = (here.organization.slug.clone(), here.may_change(&detail.row.invitation));
    let (row, invitation) = (detail.row.clone(), detail.row.invitation);
    let here = format!("/o/{slug}/invitations/{}", invitation.id);
    let name = row.invitation.invitee();
    let open = row.status == Status::Pending;
    let draft = draft.unwrap_or_else(|| Draft::of(InviteForm::filled(&invitation)));
    let violations = draft.violations.clone();
    let form = (open && may_change).then(|| {
        view! {
            <FormPanel
                action=format!("{here}/edit")
                cancel=here.clone()
                verb="Change the offer"
                busy="Changing…"
            >
                <OfferFields draft resources ends=(invitation.expires_at, detail.now)/>
            </FormPanel>
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
            <Summary violations/>
            {form}
            {closed}
            {(open && !may_change).then(|| view! { <Hindered reason=BEYOND.to_owned()/> })}
        </Page>
    }
    .into_any()
}
