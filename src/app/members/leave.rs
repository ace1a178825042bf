//! Asks once before somebody leaves the organization themselves.

use super::{
    actions::{MemberDetail, myself},
    show::LastOwnerNotice,
};
use crate::app::read::read;
use crate::app::{
    component::Submit,
    failure::Failed,
    layout::{Page, use_whereabouts},
};
use leptos::prelude::*;

#[component]
pub fn Leave() -> impl IntoView {
    let slug = use_whereabouts().with_untracked(|here| here.organization.slug.to_string());
    let detail = read(move || slug.clone(), myself);
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
    let organization = use_whereabouts().with_untracked(|here| here.organization.clone());
    let members = format!("/o/{}/members", organization.slug);
    let name = organization.name.to_string();
    let body = if detail.is_last_owner {
        view! { <LastOwnerNotice member=detail.member/> }.into_any()
    } else {
        view! { <LeaveForm action=format!("{members}/leave") back=members.clone() name=name.clone()/> }.into_any()
    };
    view! {
        <Page title=format!("Leave {name}?") back=(members, "Members") class="page page--form">{body}</Page>
    }
}

#[component]
fn LeaveForm(action: String, back: String, name: String) -> impl IntoView {
    view! {
        <form class="panel" method="post" action=action>
            <div class="panel__body">
                <p>
                    "You lose your way into "<bdi>{name.clone()}</bdi>
                    " at once. Invitations that you have sent stay open. To come back, you need a new invitation yourself."
                </p>
            </div>
            <div class="panel__foot">
                <Submit class="button button--danger-fill" busy="Leaving…">"Leave "<bdi>{name}</bdi></Submit>
                <a class="button button--quiet" href=back>"Cancel"</a>
            </div>
        </form>
    }
}
