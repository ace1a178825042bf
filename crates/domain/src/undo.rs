//! Undo: for ten seconds, whoever revoked, resent or edited invitations can take that back.
//!
//! What somebody does at once is an act. For each invitation that it changed, a record says how that was before and
//! after. It is taken back only while it still is as the act left it, so that nothing is overwritten that happened
//! since.

use super::{
    ActId, Instant, Invitation, InvitationId, Inviter, Locale, MailState, Message, Metadata, OrganizationId,
    RedirectUrl, ResourceId, RoleId, State, UserId,
};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// For how long an act can be taken back. The mail of a resend waits for as long.
pub const UNDO_FOR: Duration = Duration::seconds(10);

/// What an act did to an invitation, which is what an undo takes back.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UndoneChange {
    Revoked,
    Resent,
    Edited,
}

/// The part of an invitation that an act can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changeable {
    pub state: State,
    pub role_ids: Vec<RoleId>,
    pub resource_ids: Vec<ResourceId>,
    pub message: Option<Message>,
    pub metadata: Metadata,
    pub redirect_url: Option<RedirectUrl>,
    pub locale: Option<Locale>,
    pub inviter: Inviter,
    pub generation: u32,
    pub issued_at: Instant,
    pub expires_at: Instant,
    pub mail_state: MailState,
}

/// What is kept of an act for each invitation that it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRecord {
    pub act_id: ActId,
    pub organization_id: OrganizationId,
    pub invitation_id: InvitationId,
    /// Who did it. Nobody else can take it back.
    pub user_id: UserId,
    pub change: UndoneChange,
    pub before: Changeable,
    pub after: Changeable,
    /// When the invitee was to be reminded of the link that was the present one before the act.
    pub remind_at: Option<Instant>,
    /// The number of the act's event.
    pub event_number: u64,
    pub done_at: Instant,
}

/// An act that can still be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoableAct {
    pub id: ActId,
    pub change: UndoneChange,
    /// How many invitations it changed.
    pub invitations: u64,
    /// How many of them have another link since.
    pub new_links: u64,
    /// The last moment at which all of it can be taken back.
    pub until: Instant,
}

/// The reason why an invitation is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUndone {
    #[error("more than ten seconds have passed")]
    TooLate,
    #[error("the invitation is not as the act left it")]
    Changed,
    #[error("the invitee was erased")]
    Erased,
}

/// The result of an undo for one invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum UndoOutcome {
    /// The invitation is as it was before.
    Done,
    /// More than ten seconds have passed, or its mail is on its way.
    TooLate,
    /// Somebody has changed it since, or the invitee has answered, or a role or resource of it is gone.
    Changed,
    /// The address has another open invitation now, or belongs to a member.
    Conflict,
    /// It offers more than the caller can give now.
    Forbidden,
    /// It is gone, because the invitee was erased, or it was taken back already.
    Missing,
}

/// What came of an undo, for each invitation of the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    pub change: UndoneChange,
    pub results: Vec<UndoResult>,
}

/// One invitation of an act, with the result of its undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoResult {
    pub id: InvitationId,
    /// The invitee's name, or their email address if there is none. It is empty if the invitation is gone.
    pub name: String,
    pub outcome: UndoOutcome,
}

impl Changeable {
    pub fn of(invitation: &Invitation) -> Self {
        let Invitation { state, role_ids, resource_ids, message, metadata, redirect_url, locale, .. } =
            invitation.clone();
        Self {
            state,
            role_ids,
            resource_ids,
            message,
            metadata,
            redirect_url,
            locale,
            inviter: invitation.inviter,
            generation: invitation.generation,
            issued_at: invitation.issued_at,
            expires_at: invitation.expires_at,
            mail_state: invitation.mail_state,
        }
    }

    /// Checks whether the invitation is like this. How far its mail is does not matter.
    fn is_like(&self, invitation: &Invitation) -> bool {
        Self { mail_state: self.mail_state, ..Self::of(invitation) } == *self
    }
}

impl ActRecord {
    /// Returns the last moment at which this can be taken back.
    pub fn until(&self) -> Instant {
        self.done_at + UNDO_FOR
    }

    /// Checks whether the act replaced the invitation's link.
    pub fn has_new_link(&self) -> bool {
        self.before.generation != self.after.generation
    }

    /// Returns the invitation as it was before the act. It still remembers the highest link that it ever had, so that
    /// a link that was taken back never works again.
    pub fn take_back(&self, present: Invitation, now: Instant) -> Result<Invitation, NotUndone> {
        if now > self.until() {
            return Err(NotUndone::TooLate);
        }
        if present.email.is_erased() {
            return Err(NotUndone::Erased);
        }
        if present.id != self.invitation_id || !self.after.is_like(&present) {
            return Err(NotUndone::Changed);
        }
        let (before, highest) = (self.before.clone(), present.highest_generation());
        Ok(Invitation {
            state: before.state,
            role_ids: before.role_ids,
            resource_ids: before.resource_ids,
            message: before.message,
            metadata: before.metadata,
            redirect_url: before.redirect_url,
            locale: before.locale,
            inviter: before.inviter,
            generation: before.generation,
            last_generation: (highest > before.generation).then_some(highest),
            issued_at: before.issued_at,
            expires_at: before.expires_at,
            mail_state: before.mail_state,
            ..present
        })
    }
}

impl UndoneChange {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Undone {
    /// Returns how many invitations have this outcome.
    pub fn count(&self, outcome: UndoOutcome) -> usize {
        self.results.iter().filter(|result| result.outcome == outcome).count()
    }

    /// Checks whether everything was taken back.
    pub fn is_complete(&self) -> bool {
        self.results.iter().all(|result| result.outcome == UndoOutcome::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, EmailAddress, MemberId, Status};
    use chrono::TimeZone;

    fn at(second: i64) -> Instant {
        chrono::Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap() + Duration::seconds(second)
    }

    fn pending() -> Invitation {
        Invitation {
            id: InvitationId::new(at(0)),
            organization_id: OrganizationId::new(at(0)),
            email: EmailAddress::parse("grace@example.com").unwrap(),
            name: None,
            role_ids: vec![RoleId::new(at(0))],
            resource_ids: vec![],
            message: None,
            metadata: Metadata::default(),
            redirect_url: None,
            locale: None,
            inviter: Inviter::User(UserId::new(at(0))),
            generation: 1,
            last_generation: None,
            state: State::Pending,
            created_at: at(0),
            issued_at: at(0),
            expires_at: at(3_600),
            mail_state: MailState::Sent,
        }
    }

    /// At 60 seconds.
    fn record(change: UndoneChange, before: &Invitation, after: &Invitation) -> ActRecord {
        ActRecord {
            act_id: ActId::new(at(60)),
            organization_id: before.organization_id,
            invitation_id: before.id,
            user_id: UserId::new(at(0)),
            change,
            before: Changeable::of(before),
            after: Changeable::of(after),
            remind_at: None,
            event_number: 7,
            done_at: at(60),
        }
    }

    fn acts() -> Vec<(ActRecord, Invitation, Invitation)> {
        let before = pending();
        let revoked = before.clone().revoke(at(60), Actor::System).unwrap();
        let resent = before.clone().resend(at(60), Duration::days(7)).unwrap();
        let edited = before.clone().edit(at(60), |offer| offer.role_ids = vec![]).unwrap();
        let each = [(UndoneChange::Revoked, revoked), (UndoneChange::Resent, resent), (UndoneChange::Edited, edited)];
        each.into_iter().map(|(change, after)| (record(change, &before, &after), before.clone(), after)).collect()
    }

    #[test]
    fn everything_is_as_it_was_for_ten_seconds_and_not_a_moment_longer() {
        for (record, before, after) in acts() {
            let last = record.until();
            assert_eq!(last, at(70));
            let undone = record.take_back(after.clone(), last).unwrap();
            assert_eq!(Invitation { last_generation: None, ..undone }, before, "{}", record.change);
            let late = record.take_back(after, last + Duration::microseconds(1));
            assert_eq!(late, Err(NotUndone::TooLate), "{}", record.change);
        }
    }

    #[test]
    fn a_link_that_was_taken_back_is_never_made_again() {
        let before = pending();
        let resent = before.clone().resend(at(60), Duration::days(7)).unwrap();
        let undone = record(UndoneChange::Resent, &before, &resent).take_back(resent, at(61)).unwrap();
        assert_eq!((undone.generation, undone.highest_generation()), (1, 2));
        let again = undone.clone().resend(at(62), Duration::days(7)).unwrap();
        assert_eq!((again.generation, again.last_generation), (3, None));
        assert_eq!(undone.clone().relink(at(62)).generation, 3);
        let undone = record(UndoneChange::Resent, &undone, &again).take_back(again, at(63)).unwrap();
        assert_eq!((undone.generation, undone.highest_generation()), (1, 3));
        let edited = undone.clone().edit(at(64), |offer| offer.role_ids = vec![]).unwrap();
        assert_eq!((edited.generation, edited.highest_generation()), (1, 3), "an edit keeps what is remembered");
    }

    #[test]
    fn what_happened_since_is_not_overwritten() {
        for (record, _, after) in acts() {
            let member_id = MemberId::new(at(61));
            let later = [
                after.clone().accept(at(61), member_id).ok(),
                after.clone().decline(at(61), None).ok(),
                after.clone().resend(at(61), Duration::days(1)).ok(),
                after.clone().edit(at(61), |offer| offer.expires_at = at(7_200)).ok(),
                Some(Invitation { inviter: Inviter::User(UserId::new(at(1))), ..after.clone() }),
            ];
            for later in later.into_iter().flatten() {
                assert_eq!(record.take_back(later, at(62)), Err(NotUndone::Changed), "{}", record.change);
            }
            let mailed = Invitation { mail_state: MailState::Deferred, ..after.clone() };
            assert!(record.take_back(mailed, at(62)).is_ok(), "how far the mail is changes nothing");
            let erased = Invitation { email: EmailAddress::erased("7f3a91c2"), ..after };
            assert_eq!(record.take_back(erased, at(62)), Err(NotUndone::Erased));
        }
    }

    #[test]
    fn an_invitation_that_had_expired_is_expired_again() {
        let before = Invitation { expires_at: at(30), ..pending() }.expire(at(30)).unwrap();
        let resent = before.clone().resend(at(60), Duration::days(7)).unwrap();
        let undone = record(UndoneChange::Resent, &before, &resent).take_back(resent, at(65)).unwrap();
        assert_eq!((undone.state.clone(), undone.status(at(65))), (State::Expired { at: at(30) }, Status::Expired));
    }

    #[test]
    fn what_is_kept_is_read_as_it_was_written() {
        for (record, ..) in acts() {
            for kept in [record.before, record.after] {
                let text = serde_json::to_string(&kept).unwrap();
                assert_eq!(serde_json::from_str::<Changeable>(&text).unwrap(), kept);
            }
        }
    }
}
