//! Events as text, the same on every page.

use super::{
    api_keys::surface_label,
    component::{Glyph, dependents::in_words, plural},
};
use chrono::DateTime;
use leptos::prelude::*;
use vestibule_domain::{
    Change, DependentChanges, Event, Fact, Instant, Permission, Status, Surface, UndoneChange, webhook::DisabledWhy,
};

/// An event as a page shows it. `who` is bold and precedes `text`; without it, `text` is a complete sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDescription {
    pub glyph: Glyph,
    pub tone: EventTone,
    pub who: Option<String>,
    pub text: String,
    pub detail: Option<EventDetail>,
}

/// How a page colours an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTone {
    Plain,
    Good,
    Warn,
    Bad,
}

/// The text below an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventDetail {
    Words(Vec<String>),
    /// What a mail server answered.
    Server(String),
}

/// Shows the lines of a detail.
#[component]
pub fn DetailLines(detail: EventDetail) -> impl IntoView {
    match detail {
        EventDetail::Server(words) => view! { <code>{words}</code> }.into_any(),
        EventDetail::Words(lines) => lines.into_iter().map(|line| view! { <p>{line}</p> }).collect_view().into_any(),
    }
}

impl EventTone {
    /// Returns the class of the event's icon in a list.
    pub fn ink(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "told__glyph--good",
            Self::Warn => "told__glyph--warn",
            Self::Bad => "told__glyph--bad",
        }
    }

    /// Returns the class of the event's dot on a timeline.
    pub fn dot(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "timeline__dot--good",
            Self::Warn => "timeline__dot--warn",
            Self::Bad => "timeline__dot--bad",
        }
    }
}

fn failed_sign_ins(name: &str, count: u32) -> String {
    if count == 1 { format!("A sign-in as {name} failed") } else { format!("{count} sign-ins as {name} failed") }
}

fn erased_person(name: &str) -> String {
    format!("erased a person, who now appears as {name}")
}

/// Describes a restored backup. Its time is shown to the minute, so that it can be identified.
fn restored(backup_made_at: Instant) -> EventDescription {
    let at = minute(backup_made_at);
    EventDescription::new(Glyph::Settings, EventTone::Warn, format!("A backup of {at} was restored")).with_words(
        "Everything after the backup is missing here. Everyone was signed out, and waiting emails are held.",
    )
}

fn made_key(name: &str, surface: Surface) -> String {
    let whose = surface_label(name, surface).map_or_else(String::new, |label| format!(" for {label}"));
    format!("created the API key {name}{whose}")
}

fn redacted(name: &str, count: u64, digest: &str) -> EventDescription {
    let text = format!("{} {name}", plural(count, "event now says", "events now say"));
    EventDescription::new(Glyph::Edit, EventTone::Plain, text).with_words(&format!("Vouched for by {digest}"))
}

/// Says what was taken back, and which link works again.
fn undone(change: UndoneChange, status: Status, generation: u32) -> String {
    match (change, status) {
        (UndoneChange::Revoked, _) => "undid the revocation; the link works again".to_owned(),
        (UndoneChange::Resent, Status::Pending) => format!("undid the resend; link {generation} works again"),
        (UndoneChange::Resent, _) => "undid the resend".to_owned(),
        (UndoneChange::Edited, _) => "undid the edit".to_owned(),
    }
}

fn locked_out(name: &str) -> String {
    format!("Sign-ins as {name} were blocked for a while: too many had failed")
}

impl EventDescription {
    pub fn new(glyph: Glyph, tone: EventTone, text: impl Into<String>) -> Self {
        Self { glyph, tone, who: None, text: text.into(), detail: None }
    }

    /// Describes an event. `invitee` is the person whom the event's invitation is for, or empty if it has none.
    pub fn of(event: &Event, invitee: &str) -> Self {
        let plain = |glyph, text: &str| Self::new(glyph, EventTone::Plain, text);
        let by = |glyph, text: String| Self::new(glyph, EventTone::Plain, text).by(event.actor.name());
        let bad = |glyph, text: String| by(glyph, text).with_tone(EventTone::Bad);
        match &event.fact {
            Fact::InvitationCreated { email, roles } => {
                by(Glyph::Plus, format!("invited {} as {}", one_of(invitee, email), roles.join(", ")))
            }
            Fact::InvitationSent { response } => plain(Glyph::Sent, "Email sent").with_server(response),
            Fact::InvitationDeliveryFailed { response } => {
                plain(Glyph::Failed, "Email failed").with_tone(EventTone::Bad).with_server(response)
            }
            Fact::InvitationOpened {} => plain(Glyph::Opened, "Link opened")
                .with_words("Looking is not accepting: a mail program may have opened it."),
            Fact::InvitationReminded {} => plain(Glyph::Mail, "Reminded, because there was no answer"),
            Fact::InvitationResent { changes, .. } => {
                by(Glyph::Deferred, "resent it; earlier links stopped working".into()).with_changes(changes)
            }
            Fact::InvitationEdited { changes } => by(Glyph::Edit, "edited the invitation".into()).with_changes(changes),
            Fact::InvitationAccepted { name } => plain(Glyph::Check, "accepted").with_tone(EventTone::Good).by(name),
            Fact::InvitationDeclined { reason } => plain(Glyph::Declined, "declined")
                .with_words(reason.as_deref().unwrap_or_default())
                .by(one_of(invitee, event.actor.name())),
            Fact::InvitationRevoked {} => bad(Glyph::Revoked, "revoked it; the link no longer works".into()),
            Fact::InvitationExpired {} => plain(Glyph::Expired, "Expired without an answer"),
            Fact::InvitationChangeUndone { change, status, generation, changes } => {
                by(Glyph::Undo, undone(*change, *status, *generation)).with_changes(changes)
            }
            Fact::MemberAdded { name, roles } => {
                plain(Glyph::People, &format!("joined as {}", roles.join(", "))).with_tone(EventTone::Good).by(name)
            }
            Fact::MemberRolesChanged { name, from, to, settled } => {
                let change = Change { field: "roles".into(), from: from.join(", "), to: to.join(", ") };
                by(Glyph::Roles, format!("changed the roles of {name}")).with_changes(&[change]).with_settled(*settled)
            }
            Fact::MemberRemoved { name, settled } => {
                bad(Glyph::Cross, format!("removed {name}")).with_settled(*settled)
            }
            Fact::MemberEdited { name, changes, settled } => {
                by(Glyph::Edit, format!("edited {name}")).with_changes(changes).with_settled(*settled)
            }
            Fact::MemberLeft { name, settled } => plain(Glyph::Out, "left").by(name).with_settled(*settled),
            Fact::SignInFailed { name, count } => {
                plain(Glyph::Key, &failed_sign_ins(name, *count)).with_tone(EventTone::Bad)
            }
            Fact::SignInLockedOut { name } => plain(Glyph::Key, &locked_out(name)).with_tone(EventTone::Bad),
            Fact::PersonErased { name } => bad(Glyph::Cross, erased_person(name)),
            Fact::PersonEventsRedacted { name, count, digest } => redacted(name, *count, digest),
            Fact::OrganizationEdited { changes } => {
                by(Glyph::Settings, "edited the settings".into()).with_changes(changes)
            }
            Fact::OrganizationRestored { backup_made_at, .. } => restored(*backup_made_at),
            Fact::RoleCreated { name, .. } => by(Glyph::Roles, format!("created the role {name}")),
            Fact::RoleEdited { name, changes, settled, .. } => {
                by(Glyph::Roles, format!("edited the role {name}")).with_changes(changes).with_settled(*settled)
            }
            Fact::RoleDeleted { name, .. } => bad(Glyph::Roles, format!("deleted the role {name}")),
            Fact::ResourceCreated { name, .. } => by(Glyph::Plus, format!("created the resource {name}")),
            Fact::ResourceEdited { name, changes, .. } => {
                by(Glyph::Edit, format!("edited the resource {name}")).with_changes(changes)
            }
            Fact::ResourceDeleted { name, .. } => bad(Glyph::Cross, format!("deleted the resource {name}")),
            Fact::ApiKeyCreated { name, surface, .. } => by(Glyph::Key, made_key(name, *surface)),
            Fact::WebhookCreated { url, .. } => by(Glyph::Webhook, format!("created a webhook to {url}")),
            Fact::WebhookEdited { url, changes, .. } => {
                by(Glyph::Webhook, format!("edited the webhook to {url}")).with_changes(changes)
            }
            Fact::WebhookSecretRotated { url, .. } => {
                by(Glyph::Webhook, format!("replaced the secret of the webhook to {url}"))
            }
            Fact::WebhookDisabled { url, why, .. } => {
                bad(Glyph::Webhook, format!("disabled the webhook to {url}, because {}", reason(*why)))
            }
            Fact::WebhookDeleted { url, .. } => bad(Glyph::Webhook, format!("deleted the webhook to {url}")),
            Fact::ApiKeyEdited { name, changes, .. } => {
                by(Glyph::Key, format!("edited the API key {name}")).with_changes(changes)
            }
            Fact::ApiKeyRevoked { name, settled, .. } => {
                bad(Glyph::Key, format!("revoked the API key {name}")).with_settled(*settled)
            }
        }
    }

    #[must_use]
    pub fn by(self, who: &str) -> Self {
        Self { who: Some(who.to_owned()), ..self }
    }

    /// Adds what a mail server answered, if it answered.
    #[must_use]
    pub fn with_server(self, response: &str) -> Self {
        let detail = (!response.is_empty()).then(|| EventDetail::Server(response.to_owned()));
        Self { detail, ..self }
    }

    fn with_tone(self, tone: EventTone) -> Self {
        Self { tone, ..self }
    }

    fn with_words(self, words: &str) -> Self {
        let detail = (!words.is_empty()).then(|| EventDetail::Words(vec![words.to_owned()]));
        Self { detail, ..self }
    }

    /// Adds what happened to someone's dependents.
    fn with_settled(self, settled: DependentChanges) -> Self {
        let line = |what: &str, counts| format!("{what}: {}", in_words(counts));
        let cut = (!settled.cut.is_empty()).then(|| line("cut", settled.cut));
        let taken = (!settled.taken_over.is_empty()).then(|| line("taken over", settled.taken_over));
        let lines = match self.detail.clone() {
            Some(EventDetail::Words(lines)) => lines,
            Some(EventDetail::Server(_)) | None => Vec::new(),
        };
        let lines: Vec<String> = lines.into_iter().chain(cut).chain(taken).collect();
        if lines.is_empty() { self } else { Self { detail: Some(EventDetail::Words(lines)), ..self } }
    }

    fn with_changes(self, changes: &[Change]) -> Self {
        let detail = (!changes.is_empty()).then(|| EventDetail::Words(changes.iter().map(changed).collect()));
        Self { detail, ..self }
    }
}

fn reason(why: DisabledWhy) -> &'static str {
    match why {
        DisabledWhy::Gone => "its endpoint answered 410",
        DisabledWhy::MakerMayNot => "its creator can no longer manage webhooks",
        DisabledWhy::Failing | DisabledWhy::ByHand => "all deliveries failed for days",
    }
}

/// Returns the first text, or the second if the first is empty.
fn one_of<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}

/// Returns an action in words, like `Invitation: delivery failed`.
pub fn action_label(action: &str) -> String {
    match action.split_once('.') {
        Some((noun, verb)) => format!("{}: {}", words(noun), verb.replace('_', " ")),
        None => words(action),
    }
}

/// Returns a part of an action's name in words: `api_key` as `API key`, `delivery_failed` as `Delivery failed`.
pub fn words(name: &str) -> String {
    let spaced = name.replace('_', " ").replace("api ", "API ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns a change in words, like `Roles: from Member to Admin, Member`.
fn changed(change: &Change) -> String {
    let (label, from, to) = (field_label(&change.field), shown(change, &change.from), shown(change, &change.to));
    match (from.is_empty(), to.is_empty()) {
        (false, false) => format!("{label}: from {from} to {to}"),
        (true, false) => format!("{label}: now {to}"),
        (false, true) => format!("{label}: no longer {from}"),
        // what is in it is not recorded
        (true, true) => format!("{label}: changed"),
    }
}

/// Returns the name of a changed field in words.
fn field_label(field: &str) -> String {
    let label = match field {
        "actions" => "Events",
        "enabled" => "State",
        "expires_at" => "Expires",
        "invitation_lifetime_days" => "Days that an invitation stays open",
        "invitation_retention_days" => "Days until invitees who didn’t join are erased",
        "inviter" => "Invited by",
        "locale" => "Language",
        "mail_retention_days" => "Days that emails are kept",
        "redirect_url" => "Redirect URL",
        "reminder_days" => "Days until a reminder",
        "url" => "URL",
        other => return words(other),
    };
    label.to_owned()
}

/// Returns a value of a changed field as people read it.
fn shown(change: &Change, value: &str) -> String {
    let each = |read: fn(&str) -> String| value.split(", ").map(read).collect::<Vec<_>>().join(", ");
    match (change.field.as_str(), value) {
        ("enabled", "yes") => "enabled".to_owned(),
        ("enabled", "no") => "disabled".to_owned(),
        ("expires_at", _) => {
            DateTime::parse_from_rfc3339(value).map_or_else(|_| value.to_owned(), |at| minute(at.to_utc()))
        }
        ("actions", names) if names != "all" => each(action_label),
        ("permissions", _) => each(|name| {
            let permission = name.parse::<Permission>();
            permission.map_or_else(|_| name.to_owned(), |permission| permission.action_phrase().to_owned())
        }),
        _ => value.to_owned(),
    }
}

/// Returns a time in UTC, to the minute.
fn minute(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_in_words() {
        assert_eq!(action_label("invitation.delivery_failed"), "Invitation: delivery failed");
        assert_eq!(action_label("api_key.created"), "API key: created");
        assert_eq!((words("api_key"), words("name")), ("API key".to_owned(), "Name".to_owned()));
    }

    #[test]
    fn changes_are_told_in_words() {
        for (field, from, to, words) in [
            ("roles", "Member", "Admin, Member", "Roles: from Member to Admin, Member"),
            ("enabled", "yes", "no", "State: from enabled to disabled"),
            ("reminder_days", "", "3", "Days until a reminder: now 3"),
            ("external_id", "app-1138", "", "External id: no longer app-1138"),
            ("metadata", "", "", "Metadata: changed"),
            ("permissions", "org.user.invite", "", "Permissions: no longer invite people"),
            ("actions", "all", "api_key.created, role.edited", "Events: from all to API key: created, Role: edited"),
            ("expires_at", "", "2026-11-28T09:44:05+01:00", "Expires: now 2026-11-28 08:44 UTC"),
        ] {
            let change = Change { field: field.into(), from: from.into(), to: to.into() };
            assert_eq!(changed(&change), words);
        }
    }

    #[test]
    fn a_key_named_after_its_api_is_not_named_twice() {
        assert_eq!(made_key("Website", Surface::Clerk), "created the API key Website for Clerk");
        assert_eq!(made_key("Clerk", Surface::Clerk), "created the API key Clerk");
    }

    #[test]
    fn an_undo_says_which_link_works_again() {
        for (change, status, words) in [
            (UndoneChange::Revoked, Status::Pending, "undid the revocation; the link works again"),
            (UndoneChange::Resent, Status::Pending, "undid the resend; link 2 works again"),
            (UndoneChange::Resent, Status::Expired, "undid the resend"),
            (UndoneChange::Edited, Status::Pending, "undid the edit"),
        ] {
            assert_eq!(undone(change, status, 2), words);
        }
    }
}
