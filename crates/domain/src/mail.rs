//! The rows of the outbox: what is to be mailed, and its progress.

use super::{Instant, InvitationId, MailId, OrganizationId, UserId, WebhookEndpointId};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// A row of the outbox. It says what to send and does not contain the text: letters are rendered when they are sent, so
/// that the outbox holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub id: MailId,
    /// The organization, or `None` for mails about a user's own account.
    pub organization_id: Option<OrganizationId>,
    pub letter: Letter,
    /// The email address in the form that mail is sent to.
    pub recipient: String,
    pub state: MailState,
    /// The number of attempts begun so far.
    pub attempts: u32,
    /// When the next attempt is due, while the mail is queued or deferred.
    pub due_at: Instant,
    pub leased_until: Option<Instant>,
    /// The server's last response, or why there was none.
    pub response: Option<String>,
    pub created_at: Instant,
    pub sent_at: Option<Instant>,
}

/// Which letter to send, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// The invitation itself, with the link of this generation.
    Invitation { invitation_id: InvitationId, generation: u32 },
    /// A reminder of the invitation, with the same link.
    Reminder { invitation_id: InvitationId, generation: u32 },
    /// Tells the inviter that somebody has joined.
    InvitationAccepted { invitation_id: InvitationId },
    /// Tells the inviter that somebody has declined.
    InvitationDeclined { invitation_id: InvitationId },
    /// Six digits that prove the mailbox to a shared link. Like a link, they are derived when they are sent.
    Code {
        invitation_id: InvitationId,
        #[serde(rename = "visit")]
        acceptance_session: String,
    },
    /// Tells an owner that we stopped sending to an endpoint.
    WebhookDisabled { endpoint_id: WebhookEndpointId },
    /// A link to choose a new password.
    PasswordReset { user_id: UserId },
    /// Tells a user that their password was changed.
    PasswordChanged { user_id: UserId },
}

/// How far a mail is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailState {
    Queued,
    Sent,
    /// The server has not taken it yet. It is tried again at `due_at`.
    Deferred,
    /// The server rejected it permanently, or no server took it for three days.
    Failed,
    /// It was no longer needed when its turn came: the invitation was closed or has a newer link.
    Cancelled,
    /// It is never mailed: its link was requested instead.
    LinkOnly,
    /// It was waiting in a backup that was restored. Nothing is sent until the operator releases it.
    Held,
}

/// How urgent a mail is: the order in which the mails of a lane are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Urgency {
    /// Somebody is waiting for it in front of a screen, or must be informed at once.
    Now,
    Soon,
    Later,
}

/// The outcome of one attempt to send a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The mail was sent, with the server's response.
    Sent { response: String },
    /// The mail is worth another attempt. `our_fault` marks rejected credentials and the like: the recipient is not to
    /// blame, so such a mail is never given up.
    Deferred { response: String, our_fault: bool },
    /// The server rejects this mail permanently.
    Failed { response: String },
}

impl Mail {
    /// Returns a mail of an organization that is due at once.
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

    /// Returns the lane in which the mail waits: that of its organization, or of its account.
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
    /// All of them, the most urgent first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns its number in the outbox.
    pub fn number(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Soon => 1,
            Self::Later => 2,
        }
    }
}

impl Letter {
    /// Returns the urgency: codes and mails about passwords come first, then invitations, then what can wait.
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

    /// Returns the folder of its templates, which is also its name in the outbox's filter.
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
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the state as a word on a screen.
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

/// The minutes to wait after each attempt: first for greylisting, then for outages.
const BACKOFF_MINUTES: [i64; 7] = [1, 5, 15, 60, 240, 480, 480];
/// The days after which a mail that no server took has failed.
const GIVE_UP_AFTER_DAYS: i64 = 3;

/// The start from which the schedule of attempts counts: the creation of the mail, or the time when somebody asked for
/// another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetrySchedule {
    pub since: Instant,
    /// The number of attempts begun before that.
    pub before: u32,
}

impl RetrySchedule {
    /// Returns when to try again after `attempts` attempts in all, or `None` after three days. `spread` in -1.0..=1.0
    /// shifts the time by up to a fifth, so that the mails of an outage are not all retried together.
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
        let trying = RetrySchedule { since, before: 12 };
        let waits = [(13, 1), (14, 5), (16, 60), (19, 480), (40, 480)];
        for (attempts, minutes) in waits {
            assert_eq!(trying.next(attempts, since, 0.0), Some(since + Duration::minutes(minutes)), "try {attempts}");
        }
        let end = since + Duration::days(3);
        assert!(trying.next(20, end - Duration::microseconds(1), 0.0).is_some());
        assert_eq!(trying.next(20, end, 0.0), None);
    }
}
