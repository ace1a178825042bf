//! Edit: another offer in the same invitation; the link stays, and the invitee sees the present offer.

use super::{
    invite::{lifetime, message},
    own,
};
use crate::domain::{Change, Fact, Instant, Invitation, InvitationEdit, InvitationId, Message, Permission, Violation};
use crate::service::{Conflict, Result, Scope, Vestibule, authorize::names};
use crate::store::Tx;

impl Vestibule {
    pub async fn edit(&self, scope: &Scope, id: InvitationId, edit: &InvitationEdit) -> Result<Invitation> {
        let now = self.now();
        if edit.role_ids.is_empty() {
            return Err(Violation::new("role_ids", "required", "Choose at least one role.").into());
        }
        self.write(async |tx| {
            let scope = scope.renew(tx, Some(Permission::UserInvite)).await?;
            let before = own(tx, &scope, id).await?;
            let after = offer(tx, &scope, before.clone(), edit, now).await?;
            let changes = changes(tx, &before, &after).await?;
            if changes.is_empty() {
                return Ok(after);
            }
            if !tx.reopen_invitation(&after, before.generation).await? {
                return Err(Conflict::Replaced.into());
            }
            let fact = Fact::InvitationEdited { changes };
            tx.record(after.organization_id, now, &scope.actor(), (Some(id), None), &fact).await?;
            Ok(after)
        })
        .await
    }
}

async fn offer(
    tx: &mut Tx,
    scope: &Scope,
    before: Invitation,
    edit: &InvitationEdit,
    now: Instant,
) -> Result<Invitation> {
    let roles = scope.grantable(tx, &edit.role_ids).await?;
    let message = message(scope.organization(), &edit.message, now)?;
    let expires_at = match edit.lifetime_days {
        Some(days) => now + lifetime(scope.organization(), Some(days))?,
        None => before.expires_at,
    };
    Ok(before.edit(now, roles.iter().map(|role| role.id).collect(), message, expires_at)?)
}

/// What differs, in words.
async fn changes(tx: &mut Tx, before: &Invitation, after: &Invitation) -> Result<Vec<Change>> {
    let all = tx.roles(before.organization_id).await?;
    let roles = |invitation: &Invitation| {
        let mut roles = all.clone();
        roles.retain(|role| invitation.role_ids.contains(&role.id));
        names(&roles).join(", ")
    };
    let words = |invitation: &Invitation| invitation.message.as_ref().map_or("", Message::as_str).to_owned();
    let end = |invitation: &Invitation| invitation.expires_at.to_rfc3339();
    let fields = [
        ("roles", roles(before), roles(after)),
        ("message", words(before), words(after)),
        ("expires_at", end(before), end(after)),
    ];
    let changed = fields.into_iter().filter(|(_, from, to)| from != to);
    Ok(changed.map(|(field, from, to)| Change { field: field.into(), from, to }).collect())
}
