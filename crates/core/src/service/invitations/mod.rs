//! Inviting people, and reading, editing, resending and revoking invitations.

mod answerable;
mod batch;
mod edit;
mod find;
mod invite;
mod invite_many;
mod limits;
mod look_up;
mod new_invitation;
mod offset_page;
mod preview;
mod remind;
mod resend;
mod revoke;
mod undo;

pub(super) use find::{inviter_name, may_hand_over};
pub use invite_many::{MAX_RECIPIENTS, RowOutcome};
pub(super) use limits::email_charges;
pub use new_invitation::{Expiry, NewInvitation};
pub(crate) use remind::{remind, schedule_reminder};
pub(super) use resend::{Renewal, renew_link};
pub(super) use revoke::withdraw;

use super::{Conflict, Error, InvitationConflict, NotFound, RequestConflict, Result, Scope, subject};
use vestibule_domain::{
    Actor, BulkOutcome, Fact, Instant, Invitation, InvitationId, Letter, Mail, Permission, Status, bounds::selected,
};
use vestibule_store::{LockedTx, Snapshot};

/// Returns an invitation of the scope's organization, or `NotFound::Invitation`, also for one of another organization.
async fn own(tx: &mut Snapshot, scope: &Scope, id: InvitationId) -> Result<Invitation> {
    let invitation =
        tx.invitations().get(id).await?.filter(|invitation| invitation.organization_id == scope.organization().id);
    Ok(invitation.ok_or(NotFound::Invitation)?)
}

/// Returns the mail with the invitation's present link.
pub(super) fn invitation_mail(invitation: &Invitation, now: Instant) -> Mail {
    let letter = Letter::Invitation { invitation_id: invitation.id, generation: invitation.generation };
    organization_mail(invitation, letter, invitation.email.typed(), now)
}

pub(super) fn organization_mail(invitation: &Invitation, letter: Letter, recipient: &str, now: Instant) -> Mail {
    Mail::queued(invitation.organization_id, letter, recipient.to_owned(), now)
}

/// Closes a pending invitation that has expired, and records it. Returns `false` when it was closed before.
pub(crate) async fn expire(tx: &mut LockedTx, invitation: Invitation, now: Instant) -> Result<bool> {
    let Ok(expired) = invitation.expire(now) else { return Ok(false) };
    if !tx.invitations_mut().close(&expired).await? {
        return Ok(false);
    }
    tx.record(now, &Actor::System, (Some(expired.id), None), &Fact::InvitationExpired {}).await?;
    Ok(true)
}

impl subject::Invitations<'_> {
    /// Changes several invitations, each in a transaction of its own, and returns the result for each.
    async fn change_each<F: Future<Output = Result<Invitation>> + Send>(
        self,
        scope: &Scope,
        ids: &[InvitationId],
        change: impl Fn(InvitationId) -> F,
    ) -> Result<Vec<(InvitationId, BulkOutcome)>> {
        check_many(scope, ids)?;
        let mut results = Vec::new();
        for id in ids {
            let name = self.name_of(scope, *id).await?;
            results.push((*id, changed(change(*id).await, name)?));
        }
        Ok(results)
    }
}

/// Rejects a change of several invitations that the scope can't make of any, or that is of too many.
fn check_many(scope: &Scope, ids: &[InvitationId]) -> Result<()> {
    scope.require(Permission::UserInvite)?;
    scope.check_text()?;
    Ok(selected(ids)?)
}

/// Converts the result for one of several invitations. Errors that don't concern this invitation remain errors.
fn changed(result: Result<Invitation>, name: String) -> Result<BulkOutcome> {
    match result {
        Ok(_) => Ok(BulkOutcome::Done),
        Err(Error::Closed(status)) => Ok(BulkOutcome::Closed { status, name }),
        Err(Error::NotFound(_) | Error::Conflict(Conflict::Invitation(InvitationConflict::Erased))) => {
            Ok(BulkOutcome::Missing)
        }
        // it has expired, and its address has a newer one
        Err(Error::Conflict(Conflict::Invitation(
            InvitationConflict::AlreadyInvited(_) | InvitationConflict::Replaced,
        ))) => Ok(BulkOutcome::Closed { status: Status::Expired, name }),
        Err(Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyMember))) => {
            Ok(BulkOutcome::Closed { status: Status::Accepted, name })
        }
        Err(Error::RateLimited(_)) => Ok(BulkOutcome::Limited { name }),
        Err(Error::Conflict(Conflict::Request(RequestConflict::Changed))) => Ok(BulkOutcome::Changed { name }),
        Err(Error::Conflict(Conflict::Invitation(InvitationConflict::BeyondLimit))) => {
            Ok(BulkOutcome::Forbidden { name })
        }
        // the scope may invite, so what this invitation offers must be too much
        Err(Error::Forbidden(permission)) if permission != Permission::UserInvite => {
            Ok(BulkOutcome::Forbidden { name })
        }
        Err(error) => Err(error),
    }
}
