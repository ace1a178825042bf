//! Remind: sends the due reminders to invitees who have not answered.

use super::Done;
use crate::service::{Result, Vestibule};

/// The number of invitations per round.
const BATCH: u32 = 100;

/// Queues the due reminders and returns how many. None are sent during the hold after a restore. Each has a transaction
/// of its own, so that no two organizations are ever locked together.
pub async fn remind(vestibule: &Vestibule) -> Result<u64> {
    let now = vestibule.now();
    let due = vestibule
        .read(async |tx| match tx.holds().current().await? {
            Some(_) => Ok(Vec::new()),
            None => Ok(tx.reminders().due(now, BATCH).await?),
        })
        .await?;
    let mut reminded = Done::default();
    for reminder in due {
        let done = vestibule
            .write(async |tx| match tx.lock_organization(reminder.organization_id).await? {
                Some((tx, organization)) => {
                    crate::service::remind(tx, &organization, reminder.invitation_id, reminder.due_at, now).await
                }
                None => Ok(false),
            })
            .await;
        reminded.note(done);
    }
    reminded.into_result()
}
