//! The history of an invitation, newest first: its events and its mails.

use crate::app::component::{Glyph, Icon, When, WhenStyle};
use crate::app::event_description::{DetailLines, EventDescription, EventTone};
use leptos::prelude::*;
use vestibule_domain::{Event, Fact, Instant, InvitationDetail, InvitationRow, Letter, Mail, MailState, Status};

/// One line of the history.
struct Moment {
    at: Instant,
    /// Orders lines with the same time: a cause comes before its effects.
    rank: u8,
    description: EventDescription,
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

/// Shows whom the invitation is waiting for, and how much time is left.
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
            <span class="timeline__time">"Expires " <When at=invitation.expires_at now style=WhenStyle::Exact/></span>
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
    let description = moment.description;
    view! {
        <li class="timeline__item">
            <span class=format!("timeline__dot {}", description.tone.dot())><Icon glyph=description.glyph/></span>
            <span>
                {description.who.map(|who| view! { <strong><bdi>{who}</bdi></strong>" " })}
                {description.text}
            </span>
            <When at=moment.at now style=WhenStyle::Exact class="timeline__time"/>
            {description.detail.map(|detail| view! { <div class="timeline__detail"><DetailLines detail/></div> })}
        </li>
    }
    .into_any()
}

fn moments(detail: &InvitationDetail) -> Vec<Moment> {
    // oldest first, so that the stable sort keeps the order of what happened at the same time
    let events = detail.events.iter().rev().map(|event| of_event(event, &detail.row));
    let mails = detail.mails.iter().rev().flat_map(of_mail);
    let mut moments: Vec<Moment> = events.chain(mails).collect();
    moments.sort_by_key(|moment| (moment.at, moment.rank));
    moments.reverse();
    moments
}

fn of_event(event: &Event, row: &InvitationRow) -> Moment {
    Moment {
        at: event.at,
        rank: rank(&event.fact),
        description: EventDescription::of(event, &row.invitation.invitee()),
    }
}

/// Returns the rank of an event: an event that queues a mail comes before the mails, and the result of a mail after
/// them.
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

/// Returns that the mail was queued, and its current state unless an event says so.
fn of_mail(mail: &Mail) -> Vec<Moment> {
    let moment = |at, description| Moment { at, rank: 1, description };
    let queued = match mail.letter {
        Letter::Code { .. } => "Code for the shared link queued",
        Letter::Reminder { .. } => "Reminder queued",
        Letter::Invitation { .. }
        | Letter::InvitationAccepted { .. }
        | Letter::InvitationDeclined { .. }
        | Letter::WebhookDisabled { .. }
        | Letter::PasswordReset { .. }
        | Letter::PasswordChanged { .. } => "Email queued",
    };
    let mut moments = vec![moment(mail.created_at, EventDescription::new(Glyph::Queued, EventTone::Plain, queued))];
    if mail.state == MailState::Deferred {
        let text = format!("Email deferred after {}; we’ll try again", tries(mail.attempts));
        let description = EventDescription::new(Glyph::Deferred, EventTone::Warn, text);
        moments.push(moment(mail.created_at, description.with_server(mail.response.as_deref().unwrap_or_default())));
    }
    // an event records the result of the invitation's own mail, but not that of a reminder
    if let (Letter::Reminder { .. }, MailState::Failed) = (&mail.letter, mail.state) {
        let description = EventDescription::new(Glyph::Failed, EventTone::Bad, "Reminder failed");
        moments.push(moment(mail.created_at, description.with_server(mail.response.as_deref().unwrap_or_default())));
    }
    moments
}

fn tries(attempts: u32) -> String {
    if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") }
}
