//! Resend: a new link and a new mail; the earlier link stops working.

use super::{answerable::answered, invitation_mail, limits::charges_of_resend, own, undo::Undoable};
use crate::service::{InvitationConflict, Result, Scope, subject};
use chrono::Duration;
use vestibule_domain::{
    Actor, BulkOutcome, Change, Fact, Instant, Invitation, InvitationId, Mail, Permission, UndoneChange,
};
use vestibule_store::LockedTx;

impl subject::Invitations<'_> {
    /// Resends an invitation, even an expired one. If its inviter can't give its roles any more, the one who resends
    /// becomes its inviter.
    pub async fn resend(self, scope: &Scope, id: InvitationId) -> Result<Invitation> {
        let now = self.now();
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            let invitation = own(tx, scope, id).await?;
            scope.require_offer(tx, &invitation).await?;
            self.0.limits().take(tx, &charges_of_resend(scope, &invitation), now).await?;
            let undoable = Undoable::before(tx, scope, &invitation).await?;
            let (invitation, change) = answered(tx, scope, invitation).await?;
            let renewal = Renewal { change, lifetime: lifetime(scope), mail_due: self.mail_due(scope, now) };
            let resent = renew_link(tx, invitation, renewal, &scope.actor(), now).await?;
            undoable.keep(tx, UndoneChange::Resent, &resent, now).await?;
            Ok(resent)
        })
        .await
    }

    /// Resends several invitations, each in a transaction of its own, and returns the result for each.
    pub async fn resend_many(self, scope: &Scope, ids: &[InvitationId]) -> Result<Vec<(InvitationId, BulkOutcome)>> {
        self.change_each(scope, ids, |id| self.resend(scope, id)).await
    }

    /// Returns the name of the invitee, or an empty text when there is no such invitation.
    pub(super) async fn name_of(self, scope: &Scope, id: InvitationId) -> Result<String> {
        let invitation =
            self.read(async |tx| tx.invitations().get(id).await.map_err(crate::service::Error::from)).await?;
        Ok(invitation
            .filter(|i| i.organization_id == scope.organization().id)
            .map_or_else(String::new, |i| i.invitee()))
    }
}

/// Returns the time from a resend to the new end.
pub(super) fn lifetime(scope: &Scope) -> Duration {
    Duration::days(i64::from(scope.organization().invitation_lifetime_days))
}

/// What else a new link brings.
pub(crate) struct Renewal {
    /// The change of the inviter, if the invitation has another one now.
    pub change: Option<Change>,
    pub lifetime: Duration,
    /// When the mail with the link is due.
    pub mail_due: Instant,
}

/// Saves the next generation of the link, with its event and its mail.
/// Returns `AlreadyInvited` when there is a newer open invitation to the email address.
pub(crate) async fn renew_link(
    tx: &mut LockedTx,
    invitation: Invitation,
    renewal: Renewal,
    actor: &Actor,
    now: Instant,
) -> Result<Invitation> {
    if invitation.email.is_erased() {
        return Err(InvitationConflict::Erased.into());
    }
    let generation = invitation.generation;
    let open = tx.invitations().open(invitation.organization_id, invitation.email.as_str()).await?;
    let resent = invitation.resend(now, renewal.lifetime)?;
    if let Some(open) = open.filter(|open| open.id != resent.id) {
        return Err(InvitationConflict::AlreadyInvited(open.id).into());
    }
    if tx.members().roles_of_address(resent.organization_id, resent.email.as_str()).await?.is_some() {
        return Err(InvitationConflict::AlreadyMember.into());
    }
    if !tx.invitations_mut().reopen(&resent, generation).await? {
        return Err(InvitationConflict::Replaced.into());
    }
    let fact = Fact::InvitationResent { generation: resent.generation, changes: renewal.change.into_iter().collect() };
    tx.record(now, actor, (Some(resent.id), None), &fact).await?;
    tx.mails_mut().add(&Mail { due_at: renewal.mail_due, ..invitation_mail(&resent, now) }).await?;
    Ok(resent)
}
