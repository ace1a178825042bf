//! All that happened to an invitation, newest first: its events, and its mails where these are not done.

use super::row::invitee;
use crate::app::component::{Glyph, Icon, When, WhenStyle};
use crate::domain::{Event, Fact, Instant, InvitationDetail, InvitationRow, Letter, Mail, MailState, Status};
use leptos::prelude::*;

/// One line of it. `who` is set in bold before `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moment {
    at: Instant,
    /// Among moments of the same instant, what made the others comes first.
    rank: u8,
    glyph: Glyph,
    tone: &'static str,
    who: Option<String>,
    text: String,
    detail: Option<Detail>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Detail {
    Words(Vec<String>),
    /// What a mail server said.
    Server(String),
}

#[component]
pub fn Timeline(detail: InvitationDetail) -> impl IntoView {
    let (now, row) = (detail.now, detail.row.clone());
    let waiting = (row.status == Status::Pending).then(|| view! { <Waiting row now/> });
    let moments = moments(&detail).into_iter().map(|moment| view! { <Line moment now/> }).collect_view();
    view! {
        <ol class="timeline">
            {waiting}
            {moments}
        </ol>
    }
    .into_any()
}

/// What it waits for, and how much time is left.
#[component]
fn Waiting(row: InvitationRow, now: Instant) -> impl IntoView {
    let invitation = &row.invitation;
    let name = invitation.name.as_ref().map_or_else(|| invitation.email.to_string(), |name| name.first().to_owned());
    let whole = (invitation.expires_at - invitation.issued_at).num_hours().max(1);
    let left = (invitation.expires_at - now).num_hours().clamp(0, whole);
    let days = (invitation.expires_at - now).num_days();
    view! {
        <li class="timeline__item">
            <span class="timeline__dot timeline__dot--now"><Icon glyph=Glyph::Pending/></span>
            <span>"Waiting for " <strong><bdi>{name}</bdi></strong></span>
            <span class="timeline__time">"Ends " <When at=invitation.expires_at now style=WhenStyle::Exact/></span>
            <div class="timeline__detail">
                <progress class="progress__bar progress__bar--thin" max=whole value=left aria-label="Time left">
                    {format!("{days} days")}
                </progress>
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Line(moment: Moment, now: Instant) -> impl IntoView {
    view! {
        <li class="timeline__item">
            <span class=format!("timeline__dot {}", moment.tone)><Icon glyph=moment.glyph/></span>
            <span>
                {moment.who.map(|who| view! { <strong><bdi>{who}</bdi></strong>" " })}
                {moment.text}
            </span>
            <When at=moment.at now style=WhenStyle::Exact class="timeline__time"/>
            {moment.detail.map(|detail| view! {
                <div class="timeline__detail">
                    {match detail {
                        Detail::Server(words) => view! { <code>{words}</code> }.into_any(),
                        Detail::Words(lines) => lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view().into_any(),
                    }}
                </div>
            })}
        </li>
    }
    .into_any()
}

fn moments(detail: &InvitationDetail) -> Vec<Moment> {
    // oldest first, so that the stable sort keeps the order of what happened at the same instant
    let events = detail.events.iter().rev().map(|event| of_event(event, &detail.row));
    let mails = detail.mails.iter().rev().flat_map(of_mail);
    let mut moments: Vec<Moment> = events.chain(mails).collect();
    moments.sort_by_key(|moment| (moment.at, moment.rank));
    moments.reverse();
    moments
}

fn of_event(event: &Event, row: &InvitationRow) -> Moment {
    let moment = |glyph, tone, text: &str| Moment {
        at: event.at,
        rank: rank(&event.fact),
        glyph,
        tone,
        who: None,
        text: text.to_owned(),
        detail: None,
    };
    let by = |moment: Moment| Moment { who: Some(event.actor.name().to_owned()), ..moment };
    match &event.fact {
        Fact::InvitationCreated { roles, .. } => {
            by(moment(Glyph::Plus, "", &format!("invited {} as {}", invitee(row), roles.join(", "))))
        }
        Fact::InvitationSent { response } => {
            Moment { detail: server(response), ..moment(Glyph::Sent, "", "Mail sent") }
        }
        Fact::InvitationDeliveryFailed { response } => {
            Moment { detail: server(response), ..moment(Glyph::Failed, BAD, "Mail failed") }
        }
        Fact::InvitationOpened {} => Moment {
            detail: words("Looking is not accepting: a mail program may have opened it."),
            ..moment(Glyph::Opened, "", "Link opened")
        },
        Fact::InvitationReminded {} => moment(Glyph::Mail, "", "Reminded, as there was no answer"),
        Fact::InvitationResent { generation } => by(moment(
            Glyph::Deferred,
            "",
            &format!("resent it; link {} stopped working", generation.saturating_sub(1)),
        )),
        Fact::InvitationEdited { changes } => Moment {
            detail: Some(Detail::Words(changes.iter().map(changed).collect())),
            ..by(moment(Glyph::Edit, "", "changed the offer"))
        },
        Fact::InvitationAccepted { name } => {
            Moment { who: Some(name.clone()), ..moment(Glyph::Check, GOOD, "accepted") }
        }
        Fact::InvitationDeclined { reason } => Moment {
            who: Some(invitee(row)),
            detail: reason.as_deref().and_then(words),
            ..moment(Glyph::Declined, "", "declined")
        },
        Fact::InvitationRevoked {} => {
            by(moment(Glyph::Revoked, BAD, "revoked it; the link says that it was withdrawn"))
        }
        Fact::InvitationExpired {} => moment(Glyph::Expired, "", "Expired without an answer"),
        Fact::MemberAdded { name, roles } => Moment {
            who: Some(name.clone()),
            ..moment(Glyph::People, GOOD, &format!("joined as {}", roles.join(", ")))
        },
        Fact::MemberRolesChanged { name, .. } => by(moment(Glyph::Roles, "", &format!("changed the roles of {name}"))),
        Fact::MemberRemoved { name } => by(moment(Glyph::Cross, BAD, &format!("removed {name}"))),
        Fact::MemberLeft { name } => Moment { who: Some(name.clone()), ..moment(Glyph::Out, "", "left") },
        Fact::MemberEdited { name, .. } => by(moment(Glyph::Edit, "", &format!("changed {name}"))),
        // about the organization: never on an invitation's page
        Fact::OrganizationEdited { .. }
        | Fact::RoleCreated { .. }
        | Fact::RoleEdited { .. }
        | Fact::RoleDeleted { .. }
        | Fact::ResourceCreated { .. }
        | Fact::ResourceEdited { .. }
        | Fact::ResourceDeleted { .. }
        | Fact::ApiKeyCreated { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::WebhookCreated { .. }
        | Fact::WebhookEdited { .. }
        | Fact::WebhookSecretRotated { .. }
        | Fact::WebhookDisabled { .. }
        | Fact::WebhookDeleted { .. } => by(moment(Glyph::Edit, "", event.fact.action())),
    }
}

/// What has a mail queued comes before the mails, and what becomes of a mail after them.
fn rank(fact: &Fact) -> u8 {
    let queues = matches!(
        fact,
        Fact::InvitationCreated { .. }
            | Fact::InvitationReminded {}
            | Fact::InvitationResent { .. }
            | Fact::InvitationEdited { .. }
    );
    if queues { 0 } else { 2 }
}

/// That it was queued; and where it stands while that is not an event of its own.
fn of_mail(mail: &Mail) -> Vec<Moment> {
    let moment = |at, glyph, tone, text: &str| Moment {
        at,
        rank: 1,
        glyph,
        tone,
        who: None,
        text: text.to_owned(),
        detail: None,
    };
    let queued = match mail.letter {
        Letter::Code { .. } => "Code for the shared link queued",
        Letter::Reminder { .. } => "Reminder queued",
        Letter::Invitation { .. }
        | Letter::InvitationAccepted { .. }
        | Letter::InvitationDeclined { .. }
        | Letter::WebhookDisabled { .. }
        | Letter::PasswordReset { .. }
        | Letter::PasswordChanged { .. } => "Mail queued",
    };
    let mut moments = vec![moment(mail.created_at, Glyph::Queued, "", queued)];
    if mail.state == MailState::Deferred {
        let text = format!("Mail deferred after {}; it is tried again", tries(mail.attempts));
        let detail = mail.response.as_deref().and_then(server);
        moments.push(Moment { detail, ..moment(mail.created_at, Glyph::Deferred, WARN, &text) });
    }
    // what becomes of the invitation's own mail is an event; a reminder leaves the invitation as it was
    if let (Letter::Reminder { .. }, MailState::Failed) = (&mail.letter, mail.state) {
        let detail = mail.response.as_deref().and_then(server);
        moments.push(Moment { detail, ..moment(mail.created_at, Glyph::Failed, BAD, "Reminder failed") });
    }
    moments
}

fn tries(attempts: u32) -> String {
    if attempts == 1 { "1 try".to_owned() } else { format!("{attempts} tries") }
}

fn changed(change: &crate::domain::Change) -> String {
    let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    format!("{}: {} → {}", change.field, shown(&change.from), shown(&change.to))
}

fn words(text: &str) -> Option<Detail> {
    (!text.is_empty()).then(|| Detail::Words(vec![text.to_owned()]))
}

fn server(response: &str) -> Option<Detail> {
    (!response.is_empty()).then(|| Detail::Server(response.to_owned()))
}

const GOOD: &str = "timeline__dot--good";
const WARN: &str = "timeline__dot--warn";
const BAD: &str = "timeline__dot--bad";
