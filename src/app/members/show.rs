//! One member: their account, when they joined, and their roles.

use super::{
    LAST_OWNER, hindrance, is_last_owner,
    roles_form::{RolesFields, RolesForm},
};
use crate::app::{
    component::{Address, Glyph, Icon, LimitedTo, Notice, NoticeKind, When, WhenStyle},
    context::PathId,
    form::Draft,
    layout::Page,
    people::PersonalData,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::MemberDetail;
use vestibule_domain::{Dependents, Instant, Member, MemberId, Resource};

pub async fn show(context: PortalContext, PathId(id): PathId<MemberId>) -> Response {
    page(context, id, None).await
}

/// Shows the member, with the draft of a form that was refused if there is one.
pub async fn page(context: PortalContext, id: MemberId, draft: Option<Draft<RolesForm>>) -> Response {
    let detail = context.vestibule().members().detail(&context.scope, id).boxed().await;
    context.show(detail, |detail| view! { <Detail detail draft/> }).await
}

#[component]
fn Detail(detail: MemberDetail, draft: Option<Draft<RolesForm>>) -> impl IntoView {
    let here = use_portal_frame();
    let list = format!("/o/{}/members", here.organization.slug);
    let MemberDetail { member, resources, is_last_owner, dependents, now } = detail;
    let is_me = here.user.id == member.user_id;
    let may_edit = hindrance(&here.permissions, &member).is_none();
    let (name, email) = (member.name.to_string(), member.email.to_string());
    let exit = match (is_me, may_edit) {
        (true, _) => Some((format!("{list}/leave"), "Leave…")),
        (false, true) => Some((format!("{list}/{}/remove", member.id), "Remove…")),
        (false, false) => None,
    };
    let under = move || {
        view! {
            <p class="quiet"><Address address=email/>{is_me.then_some(" · This is you")}</p>
        }
    };
    let actions = move || {
        exit.map(|(href, word)| {
            view! {
                <a class="button button--danger" href=href><Icon glyph=Glyph::Out/>{word}</a>
            }
        })
    };
    view! {
        <Page title=name back=(list, "Members") under actions>
            <div class="page__columns">
                <RolesPanel member=member.clone() dependents is_last_owner draft/>
                <Facts member resources now/>
            </div>
        </Page>
    }
}

#[component]
fn RolesPanel(
    member: Member,
    dependents: Dependents,
    is_last_owner: bool,
    draft: Option<Draft<RolesForm>>,
) -> impl IntoView {
    let here = use_portal_frame();
    let body = match hindrance(&here.permissions, &member) {
        None => {
            let (roles, held) = (here.roles.clone(), here.permissions.clone());
            view! { <RolesFields member roles held dependents is_last_owner draft/> }.into_any()
        }
        Some(reason) => view! { <HeldRoles member reason/> }.into_any(),
    };
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Roles"</h2></div>
            {body}
        </section>
    }
}

#[component]
fn HeldRoles(member: Member, reason: String) -> impl IntoView {
    let roles = member.roles.into_iter().map(|role| view! { <span class="role">{role.name}</span> }).collect_view();
    view! {
        <div class="panel__body">
            <p class="roles">{roles}</p>
            <p class="small quiet">{reason}</p>
        </div>
    }
}

#[component]
fn Facts(member: Member, resources: Vec<Resource>, now: Instant) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    let email = member.email.to_string();
    let let_in_by = match member.invitation_id {
        Some(id) => view! { <a href=format!("/o/{slug}/invitations/{id}")>"An invitation"</a> }.into_any(),
        None => view! { "Set-up" }.into_any(),
    };
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Membership"</h2></div>
            <div class="panel__body">
                <dl class="facts">
                    <div>
                        <dt>"Joined"</dt>
                        <dd><When at=member.joined_at now style=WhenStyle::Full/></dd>
                    </div>
                    <div>
                        <dt>"Let in by"</dt>
                        <dd>{let_in_by}</dd>
                    </div>
                    <LimitedTo resources/>
                    <PersonalData email/>
                </dl>
            </div>
        </section>
    }
}

/// The notice that replaces the form for the last owner.
#[component]
pub(super) fn LastOwnerNotice(member: Member) -> impl IntoView {
    let members = format!("/o/{}/members", use_portal_frame().organization.slug);
    view! {
        <Notice tone=NoticeKind::Warning title=is_last_owner(member.name.as_str()) text=LAST_OWNER>
            <a href=members>"Choose an owner"</a>
        </Notice>
    }
}
