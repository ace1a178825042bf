//! The outbox's rows: what is to be mailed, and how far it got.

use super::{EndpointId, Instant, InvitationId, MailId, OrganizationId, UserId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A row of the outbox. It says what to send, not the text: letters are rendered at sending, so that no secret lies here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub id: MailId,
    /// None for mails about a user's own account.
    pub organization_id: Option<OrganizationId>,
    pub letter: Letter,
    /// The address in the form that mail is sent to.
    pub recipient: String,
    pub state: MailState,
    /// Tries begun so far.
    pub attempts: u32,
    /// When the next try is due, while it is queued or deferred.
    pub due_at: Instant,
    pub leased_until: Option<Instant>,
    /// The server's last words, or why there were none.
    pub response: Option<String>,
    pub created_at: Instant,
    pub sent_at: Option<Instant>,
}

/// Which letter, about what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// The invitation itself, with the link of this generation.
    Invitation { invitation_id: InvitationId, generation: u32 },
    /// Once more, with the same link.
    Reminder { invitation_id: InvitationId, generation: u32 },
    /// Tells the inviter that somebody has joined.
    InvitationAccepted { invitation_id: InvitationId },
    /// Tells the inviter that somebody has declined.
    InvitationDeclined { invitation_id: InvitationId },
    /// Six digits that prove the mailbox to a shared link. Derived when it is sent, like a link.
    Code { invitation_id: InvitationId, visit: String },
    /// Tells an owner that we stopped sending to an endpoint.
    WebhookDisabled { endpoint_id: EndpointId },
    /// A link to choose a new password.
    PasswordReset { user_id: UserId },
    /// Tells a user that the password was changed.
    PasswordChanged { user_id: UserId },
}

/// How far a mail got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    Queued,
    Sent,
    /// Not taken yet; it is tried again at `due_at`.
    Deferred,
    /// Refused for good, or tried for three days.
    Failed,
    /// Not needed any more when its turn came: the invitation was closed or has a newer link.
    Cancelled,
    /// Never to be mailed: the link was asked for instead.
    LinkOnly,
    /// It waited when the backup was taken that was restored; nothing is sent before the operator says so.
    Held,
}

/// Who is served first within a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits for it before a screen, or must hear at once.
    Now,
    Soon,
    Later,
}

/// What came of one try to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The server's words.
    Sent { response: String },
    /// Worth another try. `our_fault` marks refused credentials and the like: nobody's address is to blame, so such
    /// a mail is never given up.
    Deferred { response: String, our_fault: bool },
    /// The server refuses this mail for good.
    Failed { response: String },
}

impl Mail {
    /// One of an organization, to go as soon as may be.
    pub fn queued(organization_id: OrganizationId, letter: Letter, recipient: String, now: Instant) -> Self {
        Self {
            id: MailId::new(now),
            organization_id: Some(organization_id),
            letter,
            recipient,
            state: MailState::Queued,
            attempts: 0,
            due_at: now,
            leased_until: None,
            response: None,
            created_at: now,
            sent_at: None,
        }
    }

    /// Where it waits: with the others of its organization, or of its account.
    pub fn lane(&self) -> super::seats::Lane {
        match (self.organization_id, &self.letter) {
            (Some(id), _) => id.into(),
            (None, Letter::PasswordReset { user_id } | Letter::PasswordChanged { user_id }) => (*user_id).into(),
            (
                None,
                Letter::Invitation { .. }
                | Letter::Reminder { .. }
                | Letter::InvitationAccepted { .. }
                | Letter::InvitationDeclined { .. }
                | Letter::Code { .. }
                | Letter::WebhookDisabled { .. },
            ) => self.id.uuid().into(),
        }
    }
}

impl Urgency {
    /// The most urgent first.
    pub const ALL: [Self; 3] = [Self::Now, Self::Soon, Self::Later];

    /// Its number in the outbox.
    pub fn number(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Soon => 1,
            Self::Later => 2,
        }
    }
}

impl Letter {
    /// Codes and what is about passwords go first, then invitations, then what can wait.
    pub fn urgency(&self) -> Urgency {
        match self {
            Self::Code { .. } | Self::PasswordReset { .. } | Self::PasswordChanged { .. } => Urgency::Now,
            Self::Invitation { .. } => Urgency::Soon,
            Self::Reminder { .. }
            | Self::InvitationAccepted { .. }
            | Self::InvitationDeclined { .. }
            | Self::WebhookDisabled { .. } => Urgency::Later,
        }
    }

    /// The folder of its templates, and its name in the outbox's filter.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Reminder { .. } => "reminder",
            Self::InvitationAccepted { .. } => "invitation_accepted",
            Self::InvitationDeclined { .. } => "invitation_declined",
            Self::Code { .. } => "code",
            Self::WebhookDisabled { .. } => "webhook_disabled",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
        }
    }

    pub fn invitation_id(&self) -> Option<InvitationId> {
        match self {
            Self::Invitation { invitation_id, .. }
            | Self::Reminder { invitation_id, .. }
            | Self::InvitationAccepted { invitation_id }
            | Self::InvitationDeclined { invitation_id }
            | Self::Code { invitation_id, .. } => Some(*invitation_id),
            Self::WebhookDisabled { .. } | Self::PasswordReset { .. } | Self::PasswordChanged { .. } => None,
        }
    }
}

impl MailState {
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sent, Self::Deferred, Self::Failed, Self::Cancelled, Self::LinkOnly, Self::Held];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::LinkOnly => "link_only",
            Self::Held => "held",
        }
    }

    /// As a word on a screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Sent => "Sent",
            Self::Deferred => "Deferred",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::LinkOnly => "Link only",
            Self::Held => "Held",
        }
    }
}

impl FromStr for MailState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

impl fmt::Display for MailState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How long to wait after the given number of tries, in minutes: at first for greylisting, then for outages.
const BACKOFF_MINUTES: [i64; 7] = [1, 5, 15, 60, 240, 480, 480];
/// A mail that nobody took in this time has failed.
const GIVE_UP_AFTER_DAYS: i64 = 3;

/// From when the schedule of tries counts: from the beginning, or from when somebody asked for another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trying {
    pub since: Instant,
    /// Tries begun earlier.
    pub before: u32,
}

impl Trying {
    /// When to try again after `attempts` tries in all; `None` when it has been tried for long enough. `spread` in
    /// -1.0..=1.0 moves it by a fifth at most, so that an outage's mails don't all come back at once.
    pub fn next(self, attempts: u32, now: Instant, spread: f64) -> Option<Instant> {
        if now - self.since >= chrono::Duration::days(GIVE_UP_AFTER_DAYS) {
            return None;
        }
        let tries = attempts.saturating_sub(self.before).max(1) as usize;
        let index = (tries - 1).min(BACKOFF_MINUTES.len() - 1);
        #[expect(clippy::cast_possible_truncation, reason = "at most eight hours in milliseconds")]
        let wait = (BACKOFF_MINUTES[index] as f64 * 60_000.0 * (1.0 + 0.2 * spread.clamp(-1.0, 1.0))) as i64;
        Some(now + chrono::Duration::milliseconds(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn the_schedule_counts_from_its_own_beginning() {
        let since = Instant::UNIX_EPOCH + Duration::days(30);
        let trying = Trying { since, before: 12 };
        let waits = [(13, 1), (14, 5), (16, 60), (19, 480), (40, 480)];
        for (attempts, minutes) in waits {
            assert_eq!(trying.next(attempts, since, 0.0), Some(since + Duration::minutes(minutes)), "try {attempts}");
        }
        let end = since + Duration::days(3);
        assert!(trying.next(20, end - Duration::microseconds(1), 0.0).is_some());
        assert_eq!(trying.next(20, end, 0.0), None);
    }
}
