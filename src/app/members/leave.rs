//! Leaving an organization and removing a member. Both pages ask for confirmation.

use super::{hindrance, show::LastOwnerNotice};
use crate::app::{
    component::{Confirm, DependentsNote, dependents::TakeOverForm},
    context::PathId,
    layout::Page,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{MemberDetail, NotFound};
use vestibule_domain::MemberId;

pub async fn leave(context: PortalContext) -> Response {
    let detail = match context.scope.member().map(|member| member.id) {
        Some(id) => context.vestibule().members().detail(&context.scope, id).boxed().await,
        None => Err(NotFound::Member.into()),
    };
    context.show(detail, |detail| view! { <Leave detail/> }).await
}

pub async fn remove(context: PortalContext, PathId(id): PathId<MemberId>) -> Response {
    let detail = context.vestibule().members().detail(&context.scope, id).boxed().await;
    context.show(detail, |detail| view! { <Remove detail/> }).await
}

/// What happens to dependents of someone who is gone.
const STOP: &str = "This stops working immediately.";

#[component]
fn Leave(detail: MemberDetail) -> impl IntoView {
    let organization = use_portal_frame().organization.clone();
    let (members, name) = (format!("/o/{}/members", organization.slug), organization.name.to_string());
    let back = (members.clone(), "Members");
    let action = format!("{members}/leave");
    let dependents = detail.dependents.clone();
    view! {
        <Question title=format!("Leave {name}?") back detail hindrance=None action verb="Leave" busy="Leaving…" whom=name.clone()>
            <p>"You lose access to "<bdi>{name}</bdi>" immediately. To come back, you need a new invitation."</p>
            <DependentsNote dependents made="by you" fate=STOP/>
        </Question>
    }
}

#[component]
fn Remove(detail: MemberDetail) -> impl IntoView {
    let here = use_portal_frame();
    let (name, organization) = (detail.member.name.to_string(), here.organization.name.to_string());
    let page = format!("/o/{}/members/{}", here.organization.slug, detail.member.id);
    let back = (page.clone(), "Back to the member");
    let hindrance = hindrance(&here.permissions, &detail.member);
    let action = format!("{page}/remove");
    let warning = " immediately. What they did stays on record. You can’t undo this, but you can invite them again.";
    let (dependents, made) = (detail.dependents.clone(), format!("by {name}"));
    let choice = (here.user.id != detail.member.user_id).then_some(TakeOverForm::dependents().name);
    view! {
        <Question title=format!("Remove {name}?") back detail hindrance action verb="Remove" busy="Removing…" whom=name.clone()>
            <p><bdi>{name}</bdi>" loses access to "<bdi>{organization}</bdi>{warning}</p>
            <DependentsNote dependents made fate=STOP choice/>
        </Question>
    }
}

/// The confirmation. `children` describe the consequences. If the member is the last owner or the user lacks a
/// permission, the page shows the reason instead of the form.
#[component]
fn Question(
    title: String,
    back: (String, &'static str),
    detail: MemberDetail,
    hindrance: Option<String>,
    action: String,
    verb: &'static str,
    busy: &'static str,
    whom: String,
    children: Children,
) -> impl IntoView {
    let cancel = back.0.clone();
    let body = match (detail.is_last_owner, hindrance) {
        (true, _) => view! { <LastOwnerNotice member=detail.member/> }.into_any(),
        (false, Some(reason)) => view! { <p>{reason}</p> }.into_any(),
        (false, None) => view! {
            <Confirm action cancel verb=move || view! { {verb}" "<bdi>{whom}</bdi> } busy>{children()}</Confirm>
        }
        .into_any(),
    };
    view! { <Page title back class="page page--form">{body}</Page> }
}
