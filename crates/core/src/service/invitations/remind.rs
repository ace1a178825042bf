//! Remind: one more mail with the same link, to those who have not answered.

use super::organization_mail;
use crate::service::Result;
use vestibule_domain::{Actor, Fact, Instant, Invitation, InvitationId, Letter, Mail, Organization};
use vestibule_store::LockedTx;

/// Puts a reminder of the link in its time, now that the mail with it was taken.
pub(crate) async fn schedule_reminder(
    tx: &mut LockedTx,
    organization: &Organization,
    id: InvitationId,
    generation: u32,
    mailed_at: Instant,
) -> Result<()> {
    let Some(days) = organization.reminder_days else { return Ok(()) };
    let Some(invitation) = tx.invitation(id).await? else { return Ok(()) };
    Ok(tx.schedule_reminder(id, generation, invitation.reminder_at(days, mailed_at)).await?)
}

/// Whatever becomes of it, the reminder that was due at `due_at` is done with. `false` when there was none any more:
/// another worker was quicker, or the link has been replaced. One that is not wanted now, or by an organization that has
/// turned reminders off since, is left out.
pub(crate) async fn remind(
    tx: &mut LockedTx,
    organization: &Organization,
    id: InvitationId,
    due_at: Instant,
    now: Instant,
) -> Result<bool> {
    if !tx.take_reminder(id, due_at).await? {
        return Ok(false);
    }
    let invitation = tx.invitation(id).await?.filter(|invitation| invitation.wants_reminder(now));
    let Some(invitation) = invitation.filter(|_| organization.reminder_days.is_some()) else { return Ok(true) };
    tx.record(now, &Actor::System, (Some(id), None), &Fact::InvitationReminded {}).await?;
    tx.add_mail(&reminder_mail(&invitation, now)).await?;
    Ok(true)
}

fn reminder_mail(invitation: &Invitation, now: Instant) -> Mail {
    let letter = Letter::Reminder { invitation_id: invitation.id, generation: invitation.generation };
    organization_mail(invitation, letter, invitation.email.typed(), now)
}
