//! The offer: what the page behind a link shows, and what the invitee can do there.

use super::{Visited, code::MAX_TRIES, visited};
use crate::service::{Result, Vestibule, authorize::names, secret::visit_name};
use vestibule_domain::{Instant, Offer, State, Step, User};
use vestibule_store::Snapshot;

impl Vestibule {
    /// Returns the offer for this visit and for `user`, who is signed in. Returns `Missing::Link` when the visit has
    /// ended.
    pub async fn offer(&self, visit: &str, user: Option<&User>) -> Result<Offer> {
        let now = self.now();
        self.read(async |tx| {
            let visited = visited(tx, visit, now).await?;
            let step = self.step(tx, &visited, user, now).await?;
            let terms = self.terms_of(&visited);
            let told = visited.told;
            Ok(Offer {
                visit: visit_name(visit),
                organization: told.organization,
                inviter: told.inviter,
                roles: names(&told.roles),
                email: told.invitation.email,
                name: told.invitation.name,
                message: told.invitation.message,
                issued_at: told.invitation.issued_at,
                expires_at: told.invitation.expires_at,
                now,
                terms,
                step,
            })
        })
        .await
    }

    async fn step(&self, tx: &mut Snapshot, visited: &Visited, user: Option<&User>, now: Instant) -> Result<Step> {
        let invitation = &visited.told.invitation;
        match &invitation.state {
            State::Pending if now >= invitation.expires_at => Ok(Step::Expired),
            State::Pending if visited.is_replaced() => Ok(Step::Replaced),
            State::Pending => self.open_step(tx, visited, user).await,
            State::Accepted { at, .. } => Ok(Step::Accepted { at: *at }),
            State::Declined { at, .. } => Ok(Step::Declined { at: *at }),
            State::Revoked { at, .. } => Ok(Step::Revoked { at: *at }),
            State::Expired { .. } => Ok(Step::Expired),
        }
    }

    /// Returns the step for a pending invitation. Whether the email address has an account is looked up, and shown,
    /// only when the mailbox is proved, because an inviter can open the link to anybody's email address.
    async fn open_step(&self, tx: &mut Snapshot, visited: &Visited, user: Option<&User>) -> Result<Step> {
        let (organization, invitation) = (&visited.told.organization, &visited.told.invitation);
        match user {
            Some(user) if user.email.as_str() != invitation.email.as_str() => {
                return Ok(Step::WrongAccount { signed_in: user.email.clone() });
            }
            Some(user) if tx.member_of_user(organization.id, user.id).await?.is_some() => {
                return Ok(Step::AlreadyMember);
            }
            _ => {}
        }
        if !visited.inviter_may(tx).await? {
            return Ok(Step::InviterMayNot);
        }
        Ok(match (user, Self::is_proven(visited, user), self.has_mail_server()) {
            (Some(_), true, _) | (Some(_), false, false) => Step::Join,
            (None, true, _) if tx.user_by_email(invitation.email.as_str()).await?.is_some() => Step::SignIn,
            (None, true, _) => Step::New,
            (None, false, false) => Step::NewOrSignIn,
            (_, false, true) => {
                Step::Code { asked: visited.visit.codes_sent > 0, tries: MAX_TRIES.saturating_sub(tries(visited)) }
            }
        })
    }
}

fn tries(visited: &Visited) -> u8 {
    u8::try_from(visited.visit.code_tries).unwrap_or(u8::MAX)
}
