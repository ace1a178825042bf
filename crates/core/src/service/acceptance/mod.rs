//! The invitee's use cases: open a link, see the offer, accept or decline it.
//!
//! Opening a link creates an acceptance session, whose secret is kept in a cookie for half an hour, so that the token
//! leaves the address bar. An acceptance session alone opens no door: every answer checks the invitation again.

mod accept;
mod acceptance_sessions;
mod ask_again;
mod code;
mod decline;
mod offer;
mod open;
mod shown_offer;

pub use accept::Joined;
pub use acceptance_sessions::AcceptanceSessions;
pub use shown_offer::ShownOffer;

use super::{
    InvitationConflict, NotFound, Result, letters::InvitationContext, letters::invitation_context, power::inviter_may,
    secret::digest,
};
use vestibule_domain::{AcceptanceKind, Instant, Invitation, MemberId, Organization, State, User};
use vestibule_store::{AcceptanceSessionRow, LockedTx, OpenTx, Snapshot};

/// An acceptance session together with the invitation that its link belongs to.
struct OpenedInvitation {
    id: [u8; 32],
    acceptance_session: AcceptanceSessionRow,
    context: InvitationContext,
}

/// Returns the acceptance session with this token, or `NotFound::Link` if there is none or it has ended.
async fn opened(tx: &mut Snapshot, token: &str, now: Instant) -> Result<OpenedInvitation> {
    let id = digest(token);
    let acceptance_session = tx
        .acceptance_sessions()
        .get(&id)
        .await?
        .filter(|acceptance_session| now < acceptance_session.expires_at)
        .ok_or(NotFound::Link)?;
    let context = invitation_context(tx, acceptance_session.invitation_id).await?.ok_or(NotFound::Link)?;
    Ok(OpenedInvitation { id, acceptance_session, context })
}

/// An acceptance, as it is described to the program that sent the invitee.
pub(super) struct Accepted {
    pub organization: Organization,
    pub invitation: Invitation,
    pub member_id: MemberId,
    pub arrival: Option<AcceptanceKind>,
    pub is_email_verified: bool,
}

/// Returns the acceptance that this acceptance session led to. Returns `NotFound::Link` for everybody but the member
/// who accepted.
pub(super) async fn accepted_visit(
    tx: &mut Snapshot,
    token: &str,
    user: &User,
    now: Instant,
) -> super::Result<Accepted> {
    let opened = opened(tx, token, now).await?;
    let (organization, invitation) = (opened.context.organization, opened.context.invitation);
    let State::Accepted { member_id, .. } = invitation.state else { return Err(NotFound::Link.into()) };
    let member = tx.members().get(organization.id, member_id).await?.filter(|member| member.user_id == user.id);
    member.ok_or(NotFound::Link)?;
    let (user, _) = tx.users().get(user.id).await?.ok_or(NotFound::Link)?;
    let (arrival, is_email_verified) = (opened.acceptance_session.arrival, user.is_email_verified);
    Ok(Accepted { organization, invitation, member_id, arrival, is_email_verified })
}

impl OpenedInvitation {
    /// Locks the organization before it reads, so that what is decided now stays true until the commit.
    async fn locked<'t>(tx: &'t mut OpenTx, token: &str, now: Instant) -> Result<(&'t mut LockedTx, Self)> {
        let organization_id = tx.acceptance_sessions().organization(&digest(token)).await?.ok_or(NotFound::Link)?;
        let (tx, _) = tx.lock_organization(organization_id).await?.ok_or(NotFound::Link)?;
        let opened = opened(tx, token, now).await?;
        Ok((tx, opened))
    }

    /// Checks whether a resend has made this link void.
    fn is_replaced(&self) -> bool {
        self.acceptance_session.generation != self.context.invitation.generation
    }

    /// Rejects a link that a resend replaced, and an invitation that is no longer pending.
    fn check_open(&self, now: Instant) -> Result<()> {
        if self.is_replaced() && self.context.invitation.is_pending(now) {
            return Err(InvitationConflict::Replaced.into());
        }
        match self.context.invitation.status(now) {
            vestibule_domain::Status::Pending => Ok(()),
            closed => Err(super::Error::Closed(closed)),
        }
    }

    /// Checks whether the inviter could still make this offer. A member who left or lost the permission to invite can
    /// let nobody in, nor can a program whose key was revoked. A key that merely expired still counts: what it did
    /// before holds.
    async fn inviter_may(&self, tx: &mut Snapshot) -> Result<bool> {
        inviter_may(tx, &self.context.invitation, &self.context.roles).await
    }
}
