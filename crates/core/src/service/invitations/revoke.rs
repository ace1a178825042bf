//! Revoke: the link stops working at once, and its page says that the invitation was withdrawn.

use super::{own, undo::Undoable};
use crate::service::{Error, Result, Scope, subject};
use vestibule_domain::{Actor, BulkOutcome, Fact, Instant, Invitation, InvitationId, Permission, Status, UndoneChange};
use vestibule_store::LockedTx;

impl subject::Invitations<'_> {
    /// Revokes an invitation. Rejects one that offers more than the caller can give.
    pub async fn revoke(self, scope: &Scope, id: InvitationId) -> Result<Invitation> {
        let now = self.now();
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            let invitation = own(tx, scope, id).await?;
            scope.require_offer(tx, &invitation).await?;
            let undoable = Undoable::before(tx, scope, &invitation).await?;
            let revoked = withdraw(tx, &scope.actor(), invitation, now).await?;
            undoable.keep(tx, UndoneChange::Revoked, &revoked, now).await?;
            Ok(revoked)
        })
        .await
    }

    /// Revokes several invitations, each in a transaction of its own, and returns the result for each.
    pub async fn revoke_many(self, scope: &Scope, ids: &[InvitationId]) -> Result<Vec<(InvitationId, BulkOutcome)>> {
        self.change_each(scope, ids, |id| self.revoke(scope, id)).await
    }
}

/// Revokes the invitation and records the event.
pub(in crate::service) async fn withdraw(
    tx: &mut LockedTx,
    actor: &Actor,
    invitation: Invitation,
    now: Instant,
) -> Result<Invitation> {
    let revoked = invitation.revoke(now, actor.clone())?;
    if !tx.invitations_mut().close(&revoked).await? {
        // under the organization's lock, nobody else can have closed it
        return Err(Error::Closed(Status::Revoked));
    }
    let subject = (Some(revoked.id), None);
    tx.record(now, actor, subject, &Fact::InvitationRevoked {}).await?;
    Ok(revoked)
}
