//! One invitation: its history, its offer and the available actions.

use super::{BEYOND, timeline::Timeline};
use crate::app::{
    audit::{AuditLog, EventQuery},
    component::{
        Badge, Copy, Glyph, HomographWarning, Icon, Key, LimitedTo, MailStateBadge, Qr, Submit, When, WhenStyle,
    },
    context::PathId,
    layout::Page,
    people::PersonalData,
    portal_context::{PortalContext, use_portal_frame},
};
use axum::response::Response;
use futures::FutureExt;
use leptos::prelude::*;
use vestibule_core::service::{self, Error};
use vestibule_domain::{InvitationDetail, InvitationId, InvitationRow, Member, Permission, State, Status};
use vestibule_functions::server::InvitationQuery;

pub async fn show(context: PortalContext, PathId(id): PathId<InvitationId>) -> Response {
    let read = read(&context, id).boxed().await;
    let has_mail_server = context.vestibule().has_mail_server();
    context.show(read, move |(detail, member)| view! { <Show detail member has_mail_server/> }).await
}

/// Returns the invitation, and the member who accepted it if they still belong to the organization.
async fn read(context: &PortalContext, id: InvitationId) -> service::Result<(InvitationDetail, Option<Member>)> {
    let detail = context.vestibule().invitations().detail(&context.scope, id).await?;
    let State::Accepted { member_id, .. } = detail.row.invitation.state else { return Ok((detail, None)) };
    match context.vestibule().members().get(&context.scope, member_id).await {
        Ok(member) => Ok((detail, Some(member))),
        Err(Error::NotFound(_)) => Ok((detail, None)),
        Err(error) => Err(error),
    }
}

#[component]
fn Show(detail: InvitationDetail, member: Option<Member>, has_mail_server: bool) -> impl IntoView {
    let portal_frame = use_portal_frame();
    let (row, list) = (detail.row.clone(), format!("/o/{}/invitations", portal_frame.organization.slug));
    let may_invite = portal_frame.permissions.contains(&Permission::UserInvite);
    let may_change = portal_frame.may_change(&row.invitation);
    let (email, status) = (row.invitation.email.clone(), row.status);
    let named = row.invitation.name.is_some();
    let actions = {
        let (row, list) = (row.clone(), list.clone());
        move || may_change.then(|| view! { <Actions row list/> })
    };
    let is_open = matches!(status, Status::Pending | Status::Expired);
    let is_beyond = is_open && may_invite && !may_change;
    let under = move || {
        view! {
            <p class="row quiet">
                <Badge status/>
                {named.then(|| view! { <bdi>{email.to_string()}</bdi> })}
            </p>
            <HomographWarning domain=email.mixed_scripts()/>
            {is_beyond.then(|| view! { <p class="small quiet">{BEYOND}</p> })}
        }
    };
    view! {
        <Page title=row.invitation.invitee() back=(list, "Invitations") under actions live=true>
            <div class="page__columns">
                <section class="panel">
                    <div class="panel__head"><h2>"What has happened"</h2></div>
                    <div class="panel__body"><Timeline detail=detail.clone()/></div>
                </section>
                <div class="page__stack">
                    <Offer detail=detail.clone() member/>
                    <HandOver link=detail.link row has_mail_server may_invite/>
                </div>
            </div>
        </Page>
    }
    .into_any()
}

/// The actions that this status allows.
#[component]
fn Actions(row: InvitationRow, list: String) -> impl IntoView {
    let id = row.invitation.id.to_string();
    let here = format!("{list}/{id}");
    let again = format!("{list}/new?to={}", crate::app::query::escape(row.invitation.email.as_str()));
    match row.status {
        // the person was erased, so there is nobody to invite
        _ if row.invitation.email.is_erased() => ().into_any(),
        Status::Pending => view! {
            <a class="button" href=format!("{here}/edit") data-key="e" data-act="edit" data-id=id.clone()>
                <Icon glyph=Glyph::Edit/>
                <span class="button__fold">"Edit"</span>
                <Key of="E"/>
            </a>
            <a class="button button--danger" href=format!("{here}/revoke") data-act="revoke" data-id=id.clone()>
                <Icon glyph=Glyph::Revoked/>
                "Revoke"
            </a>
            <Resend here id/>
        }
        .into_any(),
        Status::Expired => view! { <Resend here id/> }.into_any(),
        Status::Declined | Status::Revoked => {
            view! { <a class="button button--main" href=again><Icon glyph=Glyph::Plus/>"Invite again"</a> }.into_any()
        }
        Status::Accepted => ().into_any(),
    }
}

#[component]
fn Resend(here: String, id: String) -> impl IntoView {
    view! {
        <form method="post" action=format!("{here}/resend") data-key="r" data-act="resend" data-id=id>
            <Submit busy="Resending…">
                <Icon glyph=Glyph::Sent/>
                "Resend "
                <Key of="R"/>
            </Submit>
        </form>
    }
    .into_any()
}

#[component]
fn Offer(detail: InvitationDetail, member: Option<Member>) -> impl IntoView {
    let (row, now) = (detail.row, detail.now);
    let invitation = row.invitation;
    let inviter = row.inviter.to_string();
    let by_inviter = InvitationQuery::by(invitation.inviter).href(use_portal_frame().organization.slug.as_str());
    let ends = if row.status == Status::Pending { "Expires" } else { "Was open until" };
    let roles = row.roles.into_iter().map(|role| view! { <span class="role">{role.name}</span> }).collect_view();
    let member = member.map(|member| {
        let href = format!("/o/{}/members/{}", use_portal_frame().organization.slug, member.id);
        view! { <div><dt>"Member"</dt><dd><a href=href><bdi>{member.name.to_string()}</bdi></a></dd></div> }
    });
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Details"</h2></div>
            <div class="panel__body">
                <dl class="facts">
                    <div><dt>"Roles"</dt><dd><span class="roles">{roles}</span></dd></div>
                    <LimitedTo resources=row.resources/>
                    <div><dt>{ends}</dt><dd><When at=invitation.expires_at now style=WhenStyle::Full/></dd></div>
                    <div>
                        <dt>"Invited by"</dt>
                        <dd>
                            <bdi>{inviter.clone()}</bdi> " · "
                            <a class="small" href=by_inviter>"All invitations by " <bdi>{inviter.clone()}</bdi></a>
                        </dd>
                    </div>
                    {member}
                    <div><dt>"Mail"</dt><dd><MailStateBadge state=invitation.mail_state/></dd></div>
                    <AuditLog query=EventQuery::of_invitation(invitation.id)/>
                    <PersonalData email=invitation.email.to_string()/>
                </dl>
                {invitation.message.map(|message| view! {
                    <blockquote class="quote">
                        <p class="quote__words">{message.as_str().to_owned()}</p>
                        <footer>{format!("{inviter}’s own words")}</footer>
                    </blockquote>
                })}
            </div>
        </section>
    }
    .into_any()
}

/// The link to hand over, or why the user can't see it.
#[component]
fn HandOver(link: Option<String>, row: InvitationRow, has_mail_server: bool, may_invite: bool) -> impl IntoView {
    if row.status != Status::Pending || !may_invite {
        return ().into_any();
    }
    let who = row.invitation.name.as_ref().map_or("the invitee", |name| name.first()).to_owned();
    let hint = if has_mail_server {
        format!("A copied link doesn’t prove the email address, so {who} will be asked for a code that we email.")
    } else {
        format!(
            "No mail server is set up, so {who} joins by this link alone. It doesn’t prove that the email address is theirs."
        )
    };
    let body = match link {
        Some(link) => view! {
            <div class="field">
                <label class="field__label" for="link">"Link to copy"</label>
                <p class="field__hint" id="link-hint">{hint}</p>
                <Copy id="link" value=link.clone() described_by="link-hint"/>
                <Qr text=link label="QR code of the link"/>
            </div>
        }
        .into_any(),
        None => view! {
            <p>
                "You can’t see the link, because you can’t grant every role in this invitation ("
                {row.role_names().join(", ")} "). Ask someone who can."
            </p>
        }
        .into_any(),
    };
    view! {
        <section class="panel">
            <div class="panel__head"><h2>"Share the link yourself"</h2></div>
            <div class="panel__body">{body}</div>
        </section>
    }
    .into_any()
}
