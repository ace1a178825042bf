//! Prune: removes what is no longer needed, in batches, so that other writes don't wait for long.

use crate::service::{Result, Vestibule};
use chrono::Duration;
use vestibule_domain::job::TOLD_FOR;

/// The number of days that finished webhook deliveries are kept; their events are not removed.
const DELIVERY_DAYS: i64 = 30;
/// The number of seconds that people's acts are kept, which is longer than they can be taken back.
const ACT_SECONDS: i64 = 60;
/// The number of rows per transaction.
const BATCH: u32 = 500;

/// Removes a batch of each kind and returns how many rows.
pub async fn round(vestibule: &Vestibule) -> Result<u64> {
    let now = vestibule.now();
    let keep = now - Duration::days(i64::from(vestibule.settings().mail_retention_days));
    let sessions = vestibule.sessions().prune(now, BATCH).await?;
    let acceptance_sessions =
        vestibule.write(async |tx| Ok(tx.acceptance_sessions_mut().prune(now, BATCH).await?)).await?;
    let mails = vestibule.write(async |tx| Ok(tx.mails_mut().prune(keep, BATCH).await?)).await?;
    vestibule.write(async |tx| Ok(tx.merge_words_of_mails().await?)).await?;
    let tickets = vestibule.write(async |tx| Ok(tx.tickets_mut().prune(now, BATCH).await?)).await?;
    let answers = vestibule.prune_answers(now, BATCH).await?;
    let done = now - Duration::days(DELIVERY_DAYS);
    let deliveries = vestibule.write(async |tx| Ok(tx.webhook_deliveries_mut().prune(done, BATCH).await?)).await?;
    let limits = vestibule.limits().prune(now, BATCH).await?;
    let probes = vestibule.write(async |tx| Ok(tx.prune_probes(now, BATCH).await?)).await?;
    let acted = now - Duration::seconds(ACT_SECONDS);
    let acts = vestibule.write(async |tx| Ok(tx.acts_mut().prune(acted, BATCH).await?)).await?;
    let told = now - TOLD_FOR;
    let jobs = vestibule.write(async |tx| Ok(tx.jobs_mut().prune(told, BATCH).await?)).await?;
    Ok(jobs + acts + probes + sessions + acceptance_sessions + mails + tickets + answers + deliveries + limits)
}
