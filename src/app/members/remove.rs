//! Asks once before a member is removed.

use super::{
    actions::MemberDetail,
    hindrance,
    show::{LastOwnerNotice, use_member},
};
use crate::app::{
    component::Submit,
    failure::Failed,
    layout::{Page, use_whereabouts},
};
use leptos::prelude::*;

#[component]
pub fn Remove() -> impl IntoView {
    let detail = use_member();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match detail.await {
                    Ok(detail) => view! { <Question detail/> }.into_any(),
                    Err(failure) => view! { <Failed failure/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Question(detail: MemberDetail) -> impl IntoView {
    let here = use_whereabouts().get_untracked();
    let member = detail.member;
    let name = member.name.to_string();
    let page = format!("/o/{}/members/{}", here.organization.slug, member.id);
    let body = match (detail.is_last_owner, hindrance(&here.permissions, &member)) {
        (true, _) => view! { <LastOwnerNotice member/> }.into_any(),
        (false, Some(reason)) => view! { <p>{reason}</p> }.into_any(),
        (false, None) => {
            let action = format!("{page}/remove");
            view! { <RemoveForm action back=page.clone() name=name.clone()/> }.into_any()
        }
    };
    view! {
        <Page title=format!("Remove {name}?") back=(page, "Back to the member") class="page page--form">{body}</Page>
    }
}

#[component]
fn RemoveForm(action: String, back: String, name: String) -> impl IntoView {
    let organization = use_whereabouts().with_untracked(|here| here.organization.name.to_string());
    view! {
        <form class="panel" method="post" action=action>
            <div class="panel__body">
                <p>
                    <bdi>{name.clone()}</bdi>" loses the way into "<bdi>{organization}</bdi>
                    " at once. What they did stays on record. This cannot be taken back; you can invite them again."
                </p>
            </div>
            <div class="panel__foot">
                <Submit class="button button--danger-fill" busy="Removing…">"Remove "<bdi>{name}</bdi></Submit>
                <a class="button button--quiet" href=back>"Cancel"</a>
            </div>
        </form>
    }
}
