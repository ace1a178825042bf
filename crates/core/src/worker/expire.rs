//! Expire: records that an invitation has expired. It is not urgent, because an invitation past its expiry counts as
//! expired anyway.

use super::Done;
use crate::service::{Result, Vestibule};

/// The number of invitations per round.
const BATCH: u32 = 100;

/// Closes overdue invitations and returns how many. Each has a transaction of its own, so that no two organizations are
/// ever locked together.
pub async fn expire(vestibule: &Vestibule) -> Result<u64> {
    let now = vestibule.now();
    let overdue = vestibule.read(async |tx| Ok(tx.invitations().overdue(now, BATCH).await?)).await?;
    let mut expired = Done::default();
    for (id, organization_id) in overdue {
        let done = vestibule
            .write(async |tx| {
                let Some((tx, _)) = tx.lock_organization(organization_id).await? else { return Ok(false) };
                match tx.invitations().get(id).await? {
                    Some(invitation) => crate::service::expire(tx, invitation, now).await,
                    None => Ok(false),
                }
            })
            .await;
        expired.note(done);
    }
    expired.into_result()
}
