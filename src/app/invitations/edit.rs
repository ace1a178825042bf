//! Edit: another offer in the same invitation.

use super::{
    actions,
    offer::{LifetimeField, MessageField, RolesField, chosen_roles},
    row::invitee,
};
use crate::app::read::read;
use crate::app::{
    component::{Badge, Submit, Summary},
    failure::Failed,
    form::{Draft, use_draft},
    layout::{Page, use_whereabouts},
};
use crate::domain::{InvitationDetail, Status};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub fn Edit() -> impl IntoView {
    let draft = use_draft();
    let slug = use_whereabouts().get_untracked().organization.slug.to_string();
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let detail = read(|| (), move |()| actions::show(slug.clone(), id.clone()));
    view! {
        <Suspense>
            {Suspend::new(async move {
                match detail.await {
                    Ok(detail) => view! { <Form detail draft/> }.into_any(),
                    Err(failure) => view! { <Failed failure/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Form(detail: InvitationDetail, draft: Option<Draft>) -> impl IntoView {
    let slug = use_whereabouts().get_untracked().organization.slug;
    let (row, invitation) = (detail.row.clone(), detail.row.invitation);
    let here = format!("/o/{slug}/invitations/{}", invitation.id);
    let name = invitee(&row);
    let open = row.status == Status::Pending;
    let roles = chosen_roles(draft.as_ref(), || invitation.role_ids.clone());
    let message = draft.as_ref().map_or_else(
        || invitation.message.as_ref().map(|message| message.as_str().to_owned()).unwrap_or_default(),
        |draft| draft.text("message"),
    );
    let draft = draft.unwrap_or_default();
    let form = open.then(|| {
        view! {
            <form class="panel" method="post" action=format!("{here}/edit") novalidate data-send>
                <div class="panel__body">
                    <RolesField chosen=roles error=draft.error("role_ids")/>
                    <MessageField value=message error=draft.error("message")/>
                    <LifetimeField
                        chosen=draft.text("lifetime_days")
                        error=draft.error("lifetime_days")
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
        </Page>
    }
    .into_any()
}
