//! Jobs: goes on with what people have started and does not fit into one request.

use super::Done;
use crate::service::{Result, Vestibule};
use futures::future::join_all;

/// The number of organizations per round. They go on side by side, so that none waits for another's rows.
const ORGANIZATIONS: u32 = 4;

/// Does one batch for each organization, those that have waited longest first, and returns how many.
pub async fn go_on(vestibule: &Vestibule) -> Result<u64> {
    let now = vestibule.now();
    let due = vestibule.read(async |tx| Ok(tx.jobs().organizations_due(now, ORGANIZATIONS).await?)).await?;
    let mut done = Done::default();
    for batch in join_all(due.into_iter().map(|organization_id| vestibule.jobs().go_on(organization_id))).await {
        done.note(batch);
    }
    done.into_result()
}
