//! Remind: a second mail with the same link, to invitees who have not answered.

use super::organization_mail;
use crate::service::Result;
use vestibule_domain::{Actor, Fact, Instant, Invitation, InvitationId, Letter, Mail, Organization};
use vestibule_store::LockedTx;

/// Schedules the reminder of this link, once the mail with it was accepted by the mail server.
pub(crate) async fn schedule_reminder(
    tx: &mut LockedTx,
    organization: &Organization,
    id: InvitationId,
    generation: u32,
    mailed_at: Instant,
) -> Result<()> {
    let Some(days) = organization.reminder_days else { return Ok(()) };
    let Some(invitation) = tx.invitations().get(id).await? else { return Ok(()) };
    Ok(tx.reminders_mut().schedule(id, generation, invitation.reminder_at(days, mailed_at)).await?)
}

/// Completes the reminder that was due at `due_at`, and queues its mail unless the invitation needs none any more or
/// the organization has turned reminders off. Returns `false` when the reminder is gone, because another worker was
/// faster or the link was replaced.
pub(crate) async fn remind(
    tx: &mut LockedTx,
    organization: &Organization,
    id: InvitationId,
    due_at: Instant,
    now: Instant,
) -> Result<bool> {
    if !tx.reminders_mut().take(id, due_at).await? {
        return Ok(false);
    }
    let invitation = tx.invitations().get(id).await?.filter(|invitation| invitation.wants_reminder(now));
    let Some(invitation) = invitation.filter(|_| organization.reminder_days.is_some()) else { return Ok(true) };
    tx.record(now, &Actor::System, (Some(id), None), &Fact::InvitationReminded {}).await?;
    tx.mails_mut().add(&reminder_mail(&invitation, now)).await?;
    Ok(true)
}

fn reminder_mail(invitation: &Invitation, now: Instant) -> Mail {
    let letter = Letter::Reminder { invitation_id: invitation.id, generation: invitation.generation };
    organization_mail(invitation, letter, invitation.email.typed(), now)
}
