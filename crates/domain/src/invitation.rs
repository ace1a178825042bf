//! The invitation: an offer to one recipient, which is pending until it is accepted, declined, revoked or expired.
//!
//! Every transition is a function that consumes the invitation and returns the next one, or the reason why not. At
//! `now == expires_at` an invitation is expired.

use super::{
    Actor, ApiKeyId, EmailAddress, Instant, InvitationId, Locale, MailState, MemberId, Message, Metadata, Name,
    OrganizationId, RedirectUrl, ResourceId, RoleId, UserId,
};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// An invitation in any of its states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub email: EmailAddress,
    /// The invitee's name as the inviter knows it.
    pub name: Option<Name>,
    pub role_ids: Vec<RoleId>,
    /// The resources that the invitation is limited to. If empty, it is not limited.
    pub resource_ids: Vec<ResourceId>,
    /// The inviter's personal message.
    pub message: Option<Message>,
    pub metadata: Metadata,
    /// The address to which the invitee is sent after accepting.
    pub redirect_url: Option<RedirectUrl>,
    /// The invitee's language as the inviter knows it.
    pub locale: Option<Locale>,
    pub inviter: Inviter,
    /// The number of the present link, starting at 1. Each resend creates a new link and makes the earlier ones void.
    pub generation: u32,
    /// The highest number that a link ever had, if an undo has brought an earlier link back. No other link gets a number
    /// up to it. `None` if the present link has the highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_generation: Option<u32>,
    pub state: State,
    pub created_at: Instant,
    /// When the present link was created: with the invitation, or at the last resend.
    pub issued_at: Instant,
    pub expires_at: Instant,
    pub mail_state: MailState,
}

/// Who made the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Inviter {
    User(UserId),
    ApiKey(ApiKeyId),
    /// A program in the name of a person. The offer stands while both may make it.
    OnBehalf {
        user_id: UserId,
        api_key_id: ApiKeyId,
    },
}

impl Inviter {
    /// Returns the person who invited, or in whose name a program did.
    pub fn user_id(self) -> Option<UserId> {
        match self {
            Self::User(user_id) | Self::OnBehalf { user_id, .. } => Some(user_id),
            Self::ApiKey(_) => None,
        }
    }

    /// Returns the program's key, if a program invited.
    pub fn api_key_id(self) -> Option<ApiKeyId> {
        match self {
            Self::ApiKey(api_key_id) | Self::OnBehalf { api_key_id, .. } => Some(api_key_id),
            Self::User(_) => None,
        }
    }
}

/// The state of an invitation, with the data that exists only in this state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    Pending,
    Accepted { at: Instant, member_id: MemberId },
    Declined { at: Instant, reason: Option<Message> },
    Revoked { at: Instant, by: Actor },
    Expired { at: Instant },
}

/// The state of an invitation without its data, for columns, filters and screens.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    Pending,
    Accepted,
    Declined,
    Revoked,
    Expired,
}

/// The error of a transition that needs a pending invitation, with the status it has instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the invitation is {0}")]
pub struct Closed(pub Status);

/// The least time that must be left for a reminder to be sent, in hours. The setting leaves a day at least; the other
/// half is for a worker that was held up.
const LEAST_LEFT_HOURS: i64 = 12;

impl Invitation {
    /// Returns the status at `now`. From `expires_at` on this is expired, whether or not the worker has recorded it.
    pub fn status(&self, now: Instant) -> Status {
        match &self.state {
            State::Pending if now >= self.expires_at => Status::Expired,
            state => state.recorded(),
        }
    }

    pub fn is_pending(&self, now: Instant) -> bool {
        self.status(now) == Status::Pending
    }

    /// Returns when the invitation stopped being pending, or `None` while it is.
    pub fn closed_at(&self, now: Instant) -> Option<Instant> {
        match &self.state {
            State::Pending if now >= self.expires_at => Some(self.expires_at),
            State::Pending => None,
            State::Accepted { at, .. }
            | State::Declined { at, .. }
            | State::Revoked { at, .. }
            | State::Expired { at } => Some(*at),
        }
    }

    pub fn accept(self, now: Instant, member_id: MemberId) -> Result<Self, Closed> {
        self.close(now, State::Accepted { at: now, member_id })
    }

    pub fn decline(self, now: Instant, reason: Option<Message>) -> Result<Self, Closed> {
        self.close(now, State::Declined { at: now, reason })
    }

    pub fn revoke(self, now: Instant, by: Actor) -> Result<Self, Closed> {
        self.close(now, State::Revoked { at: now, by })
    }

    /// Records that the invitation has expired. Returns [`Closed`] if it has not, or if it was closed in another way.
    pub fn expire(self, now: Instant) -> Result<Self, Closed> {
        match self.state {
            State::Pending if now >= self.expires_at => {
                Ok(Self { state: State::Expired { at: self.expires_at }, ..self })
            }
            _ => Err(Closed(self.status(now))),
        }
    }

    /// Returns when to remind the invitee of the present link, which was mailed at `mailed_at`: `days` after the link
    /// was created, but no sooner than a day after the mail.
    pub fn reminder_at(&self, days: u16, mailed_at: Instant) -> Instant {
        let due = self.issued_at + chrono::Duration::days(i64::from(days));
        due.max(mailed_at + chrono::Duration::days(1))
    }

    /// Checks whether a reminder is useful at `now`: the link has been mailed, and there is time left to use it.
    pub fn wants_reminder(&self, now: Instant) -> bool {
        let left = self.expires_at - now;
        self.is_pending(now) && self.mail_state == MailState::Sent && left >= chrono::Duration::hours(LEAST_LEFT_HOURS)
    }

    /// Returns the invitee's name as the inviter entered it, or the email address if there is none.
    pub fn invitee(&self) -> String {
        self.name.as_ref().map_or_else(|| self.email.to_string(), ToString::to_string)
    }

    /// Returns the highest number that a link of this invitation ever had.
    pub fn highest_generation(&self) -> u32 {
        self.last_generation.unwrap_or_default().max(self.generation)
    }

    /// Creates a new link that is valid for `lifetime`, and makes the earlier ones void. This also reopens an expired
    /// invitation.
    pub fn resend(self, now: Instant, lifetime: chrono::Duration) -> Result<Self, Closed> {
        match self.status(now) {
            Status::Pending | Status::Expired => Ok(Self {
                state: State::Pending,
                generation: self.highest_generation() + 1,
                last_generation: None,
                issued_at: now,
                expires_at: now + lifetime,
                mail_state: MailState::Queued,
                ..self
            }),
            closed @ (Status::Accepted | Status::Declined | Status::Revoked) => Err(Closed(closed)),
        }
    }

    /// Creates a new link to the same offer, and makes the earlier ones void.
    #[must_use]
    pub fn relink(self, now: Instant) -> Self {
        let mail_state = if self.mail_state == MailState::LinkOnly { MailState::LinkOnly } else { MailState::Queued };
        Self { generation: self.highest_generation() + 1, last_generation: None, issued_at: now, mail_state, ..self }
    }

    /// Changes the offer and keeps the link. `offer` may change what is offered and when it expires, and nothing else.
    pub fn edit(self, now: Instant, offer: impl FnOnce(&mut Self)) -> Result<Self, Closed> {
        match self.status(now) {
            Status::Pending => {
                let mut edited = self.clone();
                offer(&mut edited);
                let (generation, last_generation) = (self.generation, self.last_generation);
                Ok(Self { generation, last_generation, state: self.state, ..edited })
            }
            closed => Err(Closed(closed)),
        }
    }

    /// Closes the invitation with the state `next`. Only a pending invitation can be closed.
    fn close(self, now: Instant, next: State) -> Result<Self, Closed> {
        match self.status(now) {
            Status::Pending => Ok(Self { state: next, ..self }),
            closed => Err(Closed(closed)),
        }
    }
}

impl State {
    /// Returns the state without its data. It is `Pending` until somebody has recorded that the time is over.
    pub fn recorded(&self) -> Status {
        match self {
            Self::Pending => Status::Pending,
            Self::Accepted { .. } => Status::Accepted,
            Self::Declined { .. } => Status::Declined,
            Self::Revoked { .. } => Status::Revoked,
            Self::Expired { .. } => Status::Expired,
        }
    }
}

impl Status {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the status as a word on a screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Accepted => "Accepted",
            Self::Declined => "Declined",
            Self::Revoked => "Revoked",
            Self::Expired => "Expired",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone, Utc};

    fn at(hour: u32) -> Instant {
        Utc.with_ymd_and_hms(2026, 11, 22, hour, 0, 0).unwrap()
    }

    /// Open from 8 to 12 o'clock.
    fn pending() -> Invitation {
        Invitation {
            id: InvitationId::new(at(8)),
            organization_id: OrganizationId::new(at(8)),
            email: EmailAddress::parse("grace@example.com").unwrap(),
            name: None,
            role_ids: vec![],
            resource_ids: vec![],
            message: None,
            metadata: Metadata::default(),
            redirect_url: None,
            locale: None,
            inviter: Inviter::User(UserId::new(at(8))),
            generation: 1,
            last_generation: None,
            state: State::Pending,
            created_at: at(8),
            issued_at: at(8),
            expires_at: at(12),
            mail_state: MailState::Queued,
        }
    }

    fn in_status(status: Status) -> Invitation {
        let invitation = pending();
        match status {
            Status::Pending => Ok(invitation),
            Status::Accepted => invitation.accept(at(9), MemberId::new(at(9))),
            Status::Declined => invitation.decline(at(9), None),
            Status::Revoked => invitation.revoke(at(9), Actor::System),
            Status::Expired => invitation.expire(at(12)),
        }
        .unwrap()
    }

    #[test]
    fn at_the_instant_of_expiry_it_is_expired() {
        let just_before = at(12) - Duration::microseconds(1);
        assert_eq!(pending().status(just_before), Status::Pending);
        assert_eq!(pending().status(at(12)), Status::Expired);
        assert_eq!(pending().accept(at(12), MemberId::new(at(12))), Err(Closed(Status::Expired)));
        assert_eq!(pending().expire(just_before), Err(Closed(Status::Pending)));
    }

    #[test]
    fn only_a_pending_invitation_may_be_closed() {
        for status in Status::ALL.iter().copied() {
            let may = status == Status::Pending;
            assert_eq!(in_status(status).accept(at(10), MemberId::new(at(10))).is_ok(), may, "accept {status}");
            assert_eq!(in_status(status).decline(at(10), None).is_ok(), may, "decline {status}");
            assert_eq!(in_status(status).revoke(at(10), Actor::System).is_ok(), may, "revoke {status}");
            assert_eq!(in_status(status).edit(at(10), |offer| offer.expires_at = at(11)).is_ok(), may, "edit {status}");
        }
    }

    #[test]
    fn a_reminder_is_wanted_while_there_is_time_to_answer() {
        let invitation = Invitation { mail_state: MailState::Sent, expires_at: at(8) + Duration::days(2), ..pending() };
        let last = at(8) + Duration::days(2) - Duration::hours(12);
        assert!(invitation.wants_reminder(last) && !invitation.wants_reminder(last + Duration::microseconds(1)));
        for mail_state in MailState::ALL.iter().copied() {
            let invitation = Invitation { mail_state, ..invitation.clone() };
            assert_eq!(invitation.wants_reminder(at(9)), mail_state == MailState::Sent, "{mail_state}");
        }
        assert!(!invitation.decline(at(9), None).unwrap().wants_reminder(at(9)));
    }

    #[test]
    fn a_reminder_keeps_its_distance_from_a_mail_that_came_late() {
        let days = |days| at(8) + Duration::days(days);
        assert_eq!(pending().reminder_at(3, at(9)), days(3));
        assert_eq!(pending().reminder_at(3, days(2) + Duration::hours(5)), days(3) + Duration::hours(5));
    }

    #[test]
    fn a_resend_makes_a_new_link_and_revives_an_expired_invitation() {
        for status in Status::ALL.iter().copied() {
            let resent = in_status(status).resend(at(13), Duration::hours(4));
            match status {
                Status::Pending | Status::Expired => {
                    let resent = resent.unwrap();
                    assert_eq!(
                        (resent.generation, resent.expires_at, resent.status(at(13))),
                        (2, at(17), Status::Pending)
                    );
                }
                Status::Accepted | Status::Declined | Status::Revoked => assert_eq!(resent, Err(Closed(status))),
            }
        }
    }
}
