//! Prune: removes what nobody needs any more, in batches, so that nobody waits long for it.

use crate::service::{Result, Vestibule};
use chrono::Duration;

/// Days that finished deliveries of webhooks are kept; their events stay.
const DELIVERY_DAYS: i64 = 30;
/// Rows removed in one transaction.
const BATCH: u32 = 500;

/// A batch of each kind. Returns how many rows are gone.
pub async fn round(vestibule: &Vestibule) -> Result<u64> {
    let now = vestibule.now();
    let keep = now - Duration::days(i64::from(vestibule.settings().mail_retention_days));
    let sessions = vestibule.prune_sessions(now, BATCH).await?;
    let visits = vestibule.write(async |tx| Ok(tx.prune_visits(now, BATCH).await?)).await?;
    let mails = vestibule.write(async |tx| Ok(tx.prune_mails(keep, BATCH).await?)).await?;
    let tickets = vestibule.write(async |tx| Ok(tx.prune_tickets(now, BATCH).await?)).await?;
    let answers = vestibule.prune_answers(now, BATCH).await?;
    let done = now - Duration::days(DELIVERY_DAYS);
    let deliveries = vestibule.write(async |tx| Ok(tx.prune_deliveries(done, BATCH).await?)).await?;
    let limits = vestibule.prune_rate_limits(now, BATCH).await?;
    let probes = vestibule.write(async |tx| Ok(tx.prune_probes(now, BATCH).await?)).await?;
    Ok(probes + sessions + visits + mails + tickets + answers + deliveries + limits)
}
