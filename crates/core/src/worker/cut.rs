//! Cut: revokes the invitations of a maker whose power shrank, if they were too many for one transaction and the
//! request that started it did not finish.

use super::Done;
use crate::service::{Result, Vestibule};

/// The number of organizations per round.
const BATCH: u32 = 100;

/// Does one batch for each organization and returns how many.
pub async fn cut(vestibule: &Vestibule) -> Result<u64> {
    let organizations = vestibule.read(async |tx| Ok(tx.dependents().organizations_to_cut(BATCH).await?)).await?;
    let mut done = Done::default();
    for organization_id in organizations {
        done.note(vestibule.dependents().go_on_cutting(organization_id).await);
    }
    done.into_result()
}
