//! The invitee's side: opening a link, what is offered, and the answer.
//!
//! Opening a link makes a visit, kept in a cookie for half an hour, so that the token leaves the address bar. A visit
//! opens no door by itself: every answer checks the invitation again.

mod accept;
mod ask_again;
mod code;
mod decline;
mod offer;
mod open;

use super::{Conflict, Missing, Result, letters::Told, letters::told, secret::digest};
use crate::domain::{Instant, Member, Permission, Role};
use crate::store::{Tx, VisitRow};

/// A visit with what its link is about.
struct Visited {
    id: [u8; 32],
    visit: VisitRow,
    told: Told,
}

/// The visit of this cookie, if it is not over.
async fn visited(tx: &mut Tx, token: &str, now: Instant) -> Result<Visited> {
    let id = digest(token);
    let visit = tx.visit(&id).await?.filter(|visit| now < visit.expires_at).ok_or(Missing::Link)?;
    let told = told(tx, visit.invitation_id).await?.ok_or(Missing::Link)?;
    Ok(Visited { id, visit, told })
}

impl Visited {
    /// Locks the organization and reads again, so that what is decided now stays true until the commit.
    async fn locked(tx: &mut Tx, token: &str, now: Instant) -> Result<Self> {
        let organization_id = visited(tx, token, now).await?.told.organization.id;
        tx.lock_organization(organization_id).await?;
        visited(tx, token, now).await
    }

    /// A resend made this link void.
    fn is_replaced(&self) -> bool {
        self.visit.generation != self.told.invitation.generation
    }

    /// Refuses what an older link or a closed invitation can't do.
    fn check_open(&self, now: Instant) -> Result<()> {
        if self.is_replaced() && self.told.invitation.is_pending(now) {
            return Err(Conflict::Replaced.into());
        }
        match self.told.invitation.status(now) {
            crate::domain::Status::Pending => Ok(()),
            closed => Err(super::Error::Closed(closed)),
        }
    }

    /// Whether the inviter could still give these roles. Whoever left, or was demoted, may at most have invited
    /// plain members.
    async fn inviter_may(&self, tx: &mut Tx) -> Result<bool> {
        if self.told.roles.iter().all(|role| role.key == Role::MEMBER) {
            return Ok(true);
        }
        let inviter = tx.member_of_user(self.told.organization.id, self.told.invitation.inviter_id).await?;
        Ok(inviter.is_some_and(|inviter| may_invite_as(&inviter, &self.told.roles)))
    }
}

fn may_invite_as(inviter: &Member, roles: &[Role]) -> bool {
    inviter.has(Permission::UserInvite) && inviter.may_grant(roles)
}
