//! One member: their account, when they joined, and their roles.

use super::{
    LAST_OWNER, hindrance, is_last_owner,
    roles_form::{RolesChanged, RolesFields, RolesForm},
};
use crate::app::{
    audit::{AuditLog, EventQuery},
    component::{Address, Glyph, Icon, LimitedTo, Notice, NoticeKind, Summary, When, WhenStyle},
    context::PathId,
    form::Draft,
    layout::Page,
    people::PersonalData,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, MemberDetail};
use vestibule_domain::{Dependents, Instant, InvitationId, Member, MemberId, Name, Resource};

pub async fn show(context: PortalContext, PathId(id): PathId<MemberId>) -> Response {
    page(context, id, None).await
}

/// Shows the member, with the draft of a form that was refused if there is one.
pub async fn page(context: PortalContext, id: MemberId, draft: Option<Draft<RolesForm>>) -> Response {
    let read = read(&context, id).boxed().await;
    context.show(read, |(detail, inviter)| view! { <Detail detail inviter draft/> }).await
}

/// Returns the member, and the name of who invited them.
async fn read(context: &PortalContext, id: MemberId) -> service::Result<(MemberDetail, Option<Name>)> {
    let members = context.vestibule().members();
    let detail = members.detail(&context.scope, id).await?;
    let inviter = members.inviter(&context.scope, &detail.member).await?;
    Ok((detail, inviter))
}

/// The fields that show their errors. That of the version is a notice.
const FIELDS: &[&str] = &[RolesForm::role_ids().name, RolesForm::version().name];

#[component]
fn Detail(detail: MemberDetail, inviter: Option<Name>, draft: Option<Draft<RolesForm>>) -> impl IntoView {
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
    let changed = draft.clone().map(|draft| view! { <RolesChanged member=member.clone() draft/> });
    let violations = draft.as_ref().map(|draft| draft.violations.clone()).unwrap_or_default();
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
            {changed}
            <Summary violations fields=FIELDS/>
            <div class="page__columns">
                <RolesPanel member=member.clone() dependents is_last_owner draft/>
                <Facts member inviter resources now/>
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
fn Facts(member: Member, inviter: Option<Name>, resources: Vec<Resource>, now: Instant) -> impl IntoView {
    let email = member.email.to_string();
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
                        <dt>"Invited by"</dt>
                        <dd><InvitedBy invitation=member.invitation_id inviter/></dd>
                    </div>
                    <LimitedTo resources/>
                    <AuditLog query=EventQuery::of_member(member.id)/>
                    <PersonalData email/>
                </dl>
            </div>
        </section>
    }
}

/// Shows who invited the member, with a link to the invitation.
#[component]
fn InvitedBy(invitation: Option<InvitationId>, inviter: Option<Name>) -> impl IntoView {
    let slug = use_portal_frame().organization.slug.clone();
    match invitation {
        Some(id) => view! {
            {inviter.map(|name| view! { <bdi>{name.to_string()}</bdi> " · " })}
            <a href=format!("/o/{slug}/invitations/{id}")>"See the invitation"</a>
        }
        .into_any(),
        None => view! { "Nobody (first owner)" }.into_any(),
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
