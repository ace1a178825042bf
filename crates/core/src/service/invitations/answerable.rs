//! Who may change, resend and revoke an invitation, and who answers for it afterwards.

use super::find::inviter_name;
use crate::service::{Conflict, Result, Scope, Vestibule, power::inviter_may};
use vestibule_domain::{Change, Invitation, InvitationId, Mail, Permission, power};
use vestibule_store::Snapshot;

impl Scope {
    /// Refuses to touch an invitation that offers more than one may give oneself, as members are out of reach who hold
    /// more.
    pub(in crate::service) async fn require_offer(&self, tx: &mut Snapshot, invitation: &Invitation) -> Result<()> {
        let roles = tx.roles(invitation.organization_id).await?;
        self.require_all(power::offered(&roles, invitation).flat_map(|role| &role.permissions))?;
        if !self.limit(tx).await?.allows(&invitation.resource_ids) {
            return Err(Conflict::BeyondLimit.into());
        }
        Ok(())
    }
}

/// The invitation as the scope edits or resends it: where its inviter may not give what it offers, or is gone, the scope
/// becomes its inviter, so that the invitee can accept. The caller has checked that the scope may give it.
pub(super) async fn answered(
    tx: &mut Snapshot,
    scope: &Scope,
    invitation: Invitation,
) -> Result<(Invitation, Option<Change>)> {
    let all = tx.roles(invitation.organization_id).await?;
    if inviter_may(tx, &invitation, &all).await? {
        return Ok((invitation, None));
    }
    let after = Invitation { inviter: scope.inviter()?, ..invitation.clone() };
    let (from, to) = (inviter_name(tx, &invitation).await?, inviter_name(tx, &after).await?);
    let change = Change { field: "inviter".into(), from: from.to_string(), to: to.to_string() };
    Ok((after, Some(change)))
}

impl Vestibule {
    /// Whether this mail may be sent again by the scope: its invitation is within its reach.
    pub async fn may_retry_mail(&self, scope: &Scope, mail: &Mail) -> Result<bool> {
        if !scope.has(Permission::UserInvite) {
            return Ok(false);
        }
        let id: Option<InvitationId> = mail.letter.invitation_id();
        self.read(async |tx| {
            let Some(id) = id else { return Ok(true) };
            let Some(invitation) = tx.invitation(id).await? else { return Ok(true) };
            Ok(scope.require_offer(tx, &invitation).await.is_ok())
        })
        .await
    }
}
