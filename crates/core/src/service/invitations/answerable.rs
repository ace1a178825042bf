//! Who may edit, resend and revoke an invitation, and who is its inviter afterwards.

use super::find::inviter_name;
use crate::service::{InvitationConflict, Result, Scope, letters::check_wanted, power::inviter_may, subject};
use vestibule_domain::{Change, Invitation, InvitationId, Mail, Permission, power};
use vestibule_store::Snapshot;

impl Scope {
    /// Returns `Forbidden` or `BeyondLimit` when the invitation offers more than this scope can give, just as members
    /// with more permissions can't be changed.
    pub(in crate::service) async fn require_offer(&self, tx: &mut Snapshot, invitation: &Invitation) -> Result<()> {
        let roles = tx.roles().all(invitation.organization_id).await?;
        self.require_all(power::offered(&roles, invitation).flat_map(|role| &role.permissions))?;
        if !self.limit(tx).await?.allows(&invitation.resource_ids) {
            return Err(InvitationConflict::BeyondLimit.into());
        }
        Ok(())
    }
}

/// Returns the invitation with an inviter who can give what it offers: if the present one can't any more or is gone,
/// the scope becomes the inviter, so that the invitee can accept. The caller must have checked that the scope can give
/// it.
pub(super) async fn answered(
    tx: &mut Snapshot,
    scope: &Scope,
    invitation: Invitation,
) -> Result<(Invitation, Option<Change>)> {
    let all = tx.roles().all(invitation.organization_id).await?;
    if inviter_may(tx, &invitation, &all).await? {
        return Ok((invitation, None));
    }
    let after = Invitation { inviter: scope.inviter()?, ..invitation.clone() };
    let (from, to) = (inviter_name(tx, &invitation).await?, inviter_name(tx, &after).await?);
    let change = Change { field: "inviter".into(), from: from.to_string(), to: to.to_string() };
    Ok((after, Some(change)))
}

impl subject::Invitations<'_> {
    /// Checks whether the scope may send this mail again, which needs the right to resend its invitation, and a link
    /// that still works.
    pub async fn may_retry_mail(self, scope: &Scope, mail: &Mail) -> Result<bool> {
        if !scope.has(Permission::UserInvite) {
            return Ok(false);
        }
        let now = self.now();
        let id: Option<InvitationId> = mail.letter.invitation_id();
        self.read(async |tx| {
            let Some(id) = id else { return Ok(true) };
            let Some(invitation) = tx.invitations().get(id).await? else { return Ok(true) };
            let is_wanted = check_wanted(&mail.letter, &invitation, now).is_ok();
            Ok(is_wanted && scope.require_offer(tx, &invitation).await.is_ok())
        })
        .await
    }
}
