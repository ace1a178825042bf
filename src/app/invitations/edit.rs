//! Editing an invitation's offer.

use super::{BEYOND, offer::OfferFields};
use crate::app::{
    component::{Badge, FormPanel, Summary, confirm::Hindered},
    context::PathId,
    etag::{ChangedNotice, ETagField, Labels, named},
    form::Draft,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_components::when::{WhenStyle, say};
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
    let (row, invitation) = (detail.row.clone(), detail.row.invitation.clone());
    let here = format!("/o/{slug}/invitations/{}", invitation.id);
    let name = row.invitation.invitee();
    let open = row.status == Status::Pending;
    let draft = draft.unwrap_or_else(|| Draft::of(InviteForm::filled(&invitation)));
    let violations = draft.violations.clone();
    let fields = if resources.is_empty() { FIELDS } else { FIELDS_AND_LIMITS };
    let changed = view! { <Changed detail=detail.clone() resources=resources.clone() draft=draft.clone()/> };
    // before the fields, as the focus is for the first who asks
    let summary = view! { <Summary violations fields/> };
    let form = (open && may_change).then(|| {
        view! {
            <FormPanel
                action=format!("{here}/edit")
                cancel=here.clone()
                verb="Save"
                busy="Saving…"
            >
                <ETagField input=draft.input(InviteForm::version()) present=InviteForm::version_of(&invitation)/>
                <OfferFields draft resources ends=(invitation.expires_at, detail.now)/>
            </FormPanel>
        }
    });
    let closed = (!open).then(|| {
        view! {
            <section class="panel">
                <div class="panel__body">
                    <p class="row"><Badge status=row.status/>" Only an open invitation can be edited."</p>
                </div>
            </section>
        }
    });
    view! {
        <Page
            title=format!("Edit invitation to {name}")
            back=(here, "Back to the invitation")
            class="page page--form"
            under=|| view! { <p class="page__lede">"The link stays the same; it shows what is offered now."</p> }
        >
            {changed}
            {summary}
            {form}
            {closed}
            {(open && !may_change).then(|| view! { <Hindered reason=BEYOND.to_owned()/> })}
        </Page>
    }
    .into_any()
}

/// The fields that show their errors. That of the version is a notice.
const FIELDS: &[&str] = &[
    InviteForm::role_ids().name,
    InviteForm::message().name,
    InviteForm::expires_in_days().name,
    InviteForm::version().name,
];
/// The same where there are resources.
const FIELDS_AND_LIMITS: &[&str] = &[
    InviteForm::role_ids().name,
    InviteForm::resource_ids().name,
    InviteForm::message().name,
    InviteForm::expires_in_days().name,
    InviteForm::version().name,
];

/// The labels of the fields in the notice about someone else's changes.
const LABELS: Labels<InviteForm> = &[
    (InviteForm::role_ids(), "The list of roles"),
    (InviteForm::resource_ids(), "The list of resources"),
    (InviteForm::message(), "The message"),
];

/// The notice that somebody else has changed the offer since the form was opened.
#[component]
fn Changed(detail: InvitationDetail, resources: Vec<Resource>, draft: Draft<InviteForm>) -> impl IntoView {
    let roles = use_portal_frame().roles.clone();
    let with_names = |form: InviteForm| InviteForm {
        role_ids: named(&form.role_ids, roles.iter().map(|role| (role.id, role.name.clone()))),
        resource_ids: named(&form.resource_ids, resources.iter().map(|one| (one.id, one.name.to_string()))),
        ..form
    };
    let invitation = &detail.row.invitation;
    let present = with_names(InviteForm::filled(invitation));
    let also = format!("It expires on {} UTC. ", say(invitation.expires_at, detail.now, WhenStyle::Full));
    let draft = Draft { form: with_names(draft.form), violations: draft.violations };
    view! { <ChangedNotice draft present labels=LABELS also/> }
}
