//! Erase: continues to erase people whose data was too much for one transaction.

use super::Done;
use crate::service::{Result, Vestibule};

/// The number of organizations per round.
const BATCH: u32 = 100;

/// Does one batch for each organization and returns how many.
pub async fn erase(vestibule: &Vestibule) -> Result<u64> {
    let organizations = vestibule.read(async |tx| Ok(tx.erasures().organizations_to_erase(BATCH).await?)).await?;
    let mut done = Done::default();
    for organization_id in organizations {
        done.note(vestibule.erasure().go_on(organization_id).await);
    }
    done.into_result()
}
