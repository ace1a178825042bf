//! How one leaves: asks once before a member is removed, or leaves themselves.

use super::{hindrance, show::LastOwnerNotice};
use crate::app::{
    component::Submit,
    context::{Id, sent},
    layout::Page,
    visit::{Visit, use_whereabouts},
};
use crate::domain::MemberId;
use crate::service::{MemberDetail, Missing};
use axum::response::Response;
use leptos::prelude::*;

pub async fn leave(visit: Visit) -> Response {
    let detail = match visit.scope.member().map(|member| member.id) {
        Some(id) => sent(visit.vestibule().member_detail(&visit.scope, id)).await,
        None => Err(Missing::Member.into()),
    };
    visit.show(detail, |detail| view! { <Leave detail/> })
}

pub async fn remove(visit: Visit, Id(id): Id<MemberId>) -> Response {
    let detail = sent(visit.vestibule().member_detail(&visit.scope, id)).await;
    visit.show(detail, |detail| view! { <Remove detail/> })
}

#[component]
fn Leave(detail: MemberDetail) -> impl IntoView {
    let organization = use_whereabouts().organization;
    let (members, name) = (format!("/o/{}/members", organization.slug), organization.name.to_string());
    let back = (members.clone(), "Members");
    let action = format!("{members}/leave");
    let warning =
        " at once. Invitations that you have sent stay open. To come back, you need a new invitation yourself.";
    view! {
        <Question title=format!("Leave {name}?") back detail hindrance=None action verb="Leave" busy="Leaving…" whom=name.clone()>
            "You lose your way into "<bdi>{name}</bdi>{warning}
        </Question>
    }
}

#[component]
fn Remove(detail: MemberDetail) -> impl IntoView {
    let here = use_whereabouts();
    let (name, organization) = (detail.member.name.to_string(), here.organization.name.to_string());
    let page = format!("/o/{}/members/{}", here.organization.slug, detail.member.id);
    let back = (page.clone(), "Back to the member");
    let hindrance = hindrance(&here.permissions, &detail.member);
    let action = format!("{page}/remove");
    let warning = " at once. What they did stays on record. This cannot be taken back; you can invite them again.";
    view! {
        <Question title=format!("Remove {name}?") back detail hindrance action verb="Remove" busy="Removing…" whom=name.clone()>
            <bdi>{name}</bdi>" loses the way into "<bdi>{organization}</bdi>{warning}
        </Question>
    }
}

/// `children` say what follows. The last owner, and who may not, find the reason in place of the form.
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
            <form class="panel" method="post" action=action>
                <div class="panel__body">
                    <p>{children()}</p>
                </div>
                <div class="panel__foot">
                    <Submit class="button button--danger-fill" busy>{verb}" "<bdi>{whom}</bdi></Submit>
                    <a class="button button--quiet" href=cancel>"Cancel"</a>
                </div>
            </form>
        }
        .into_any(),
    };
    view! { <Page title back class="page page--form">{body}</Page> }
}
