//! Reminders. Each is a time in its invitation's row, which is removed in the transaction that queues the mail.

use super::{
    Error, LockedTx, on,
    subject::{Reminders, RemindersMut},
};
use uuid::Uuid;
use vestibule_domain::{Instant, InvitationId, OrganizationId};

/// A reminder that is due.
#[derive(Clone, Copy, Debug)]
pub struct Reminder {
    pub invitation_id: InvitationId,
    pub organization_id: OrganizationId,
    pub due_at: Instant,
}

impl RemindersMut<'_, LockedTx> {
    /// Schedules the reminder of the link of this generation, if it is the present one.
    pub async fn schedule(&mut self, id: InvitationId, generation: u32, at: Instant) -> Result<(), Error> {
        const SQL: &str = "update invitations set remind_at = $3 where id = $1 and generation = $2";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(id.uuid())
            .bind(i64::from(generation))
            .bind(at)
            .execute(c)
            .await
            .map(drop))
    }
}

impl Reminders<'_> {
    /// Returns when to remind of the invitation's present link, or `None` if nobody is going to be reminded.
    pub async fn of(&mut self, id: InvitationId) -> Result<Option<Instant>, Error> {
        const SQL: &str = "select remind_at from invitations where id = $1";
        let found: Option<Option<Instant>> =
            on!(self.0, |c| sqlx::query_scalar(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(found.flatten())
    }

    /// Returns the due reminders of invitations that are stored as pending, at most `limit`, the longest overdue first.
    pub async fn due(&mut self, now: Instant, limit: u32) -> Result<Vec<Reminder>, Error> {
        const SQL: &str = "select id, organization_id, remind_at from invitations
            where status = 'pending' and remind_at <= $1 order by remind_at limit $2";
        let rows: Vec<(Uuid, Uuid, Instant)> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(now).bind(i64::from(limit)).fetch_all(c).await)?;
        let reminder = |(id, organization_id, due_at): (Uuid, Uuid, Instant)| Reminder {
            invitation_id: id.into(),
            organization_id: organization_id.into(),
            due_at,
        };
        Ok(rows.into_iter().map(reminder).collect())
    }
}

impl RemindersMut<'_, LockedTx> {
    /// Removes the reminder. Returns `false` if another worker has taken it, or if it is no longer due at that time.
    pub async fn take(&mut self, id: InvitationId, due_at: Instant) -> Result<bool, Error> {
        const SQL: &str = "update invitations set remind_at = null where id = $1 and remind_at = $2";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(due_at).execute(c).await?.rows_affected()) == 1)
    }
}
