//! Deliver webhooks: leases due deliveries, sends them outside any transaction, and saves what came of each.
//!
//! At least once: a process that dies between the endpoint's answer and our commit leaves a row whose lease lapses, and
//! the next worker sends it again under the same `webhook-id`.

use crate::domain::Instant;
use crate::domain::webhook::{Attempt, Delivery, DeliveryState, Disabled, DisabledWhy, Endpoint};
use crate::service::{Result, Vestibule};
use crate::telemetry::metrics;
use crate::webhook::payload;
use chrono::Duration;
use futures::{StreamExt, stream};
use std::sync::Arc;
use tokio::{sync::watch, task::JoinSet};

/// Deliveries on their way at once, in this process.
const AT_ONCE: u32 = 64;
/// Of one endpoint, in all processes: a slow one holds up itself alone.
const AT_ONCE_EACH: u32 = 4;
/// How long a worker may take for one, beyond the time that the endpoint has for its answer.
const LEASE_SECONDS: i64 = 60;
/// How soon is looked again after a look: bounds what looking costs while much is written.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

/// Sends what is due now, and returns when all of it came to something; says how many.
pub async fn deliver_webhooks(vestibule: &Vestibule) -> Result<u64> {
    let due = lease(vestibule, AT_ONCE).await?;
    let count = due.len() as u64;
    let mut sending = stream::iter(due).map(|delivery| deliver(vestibule, delivery)).buffer_unordered(AT_ONCE as usize);
    while let Some(result) = sending.next().await {
        result?;
    }
    Ok(count)
}

/// Goes on until `shutdown` turns true; what is on its way then is finished first. Nothing waits for a slow endpoint.
pub async fn run(vestibule: Arc<Vestibule>, mut shutdown: watch::Receiver<bool>) {
    let mut sending = JoinSet::new();
    let mut changes = vestibule.store.changes();
    while !*shutdown.borrow() {
        let free = AT_ONCE.saturating_sub(u32::try_from(sending.len()).unwrap_or(AT_ONCE));
        let due = metrics::chore("deliver_webhooks", lease(&vestibule, free)).await;
        super::log_failure("deliver_webhooks", due.as_ref().map(|_| ()));
        for delivery in due.unwrap_or_default() {
            let vestibule = Arc::clone(&vestibule);
            sending.spawn(async move {
                super::log_failure("deliver_webhooks", deliver(&vestibule, delivery).await.as_ref());
            });
        }
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            _ = changes.changed() => {}
            Some(_) = sending.join_next() => {}
            () = tokio::time::sleep(super::POLL) => {}
            _ = shutdown.changed() => {}
        }
    }
    while sending.join_next().await.is_some() {}
}

async fn lease(vestibule: &Vestibule, limit: u32) -> Result<Vec<Delivery>> {
    let now = vestibule.now();
    let until = now + Duration::seconds(LEASE_SECONDS + i64::from(vestibule.settings().webhook_timeout_seconds.get()));
    if limit == 0 || !vestibule.read(async |tx| Ok(tx.has_due_delivery(now).await?)).await? {
        return Ok(Vec::new());
    }
    vestibule.write(async |tx| Ok(tx.lease_deliveries(now, until, limit, AT_ONCE_EACH).await?)).await
}

async fn deliver(vestibule: &Vestibule, delivery: Delivery) -> Result<()> {
    let found = vestibule
        .read(async |tx| Ok((tx.endpoint(delivery.endpoint_id).await?, tx.event(delivery.event_id).await?)))
        .await?;
    // deleted meanwhile
    let (Some(endpoint), Some(event)) = found else { return Ok(()) };
    let now = vestibule.now();
    let secrets = vestibule.secrets(&endpoint, now);
    let attempt = vestibule.sender.send(&endpoint.url, event.id, payload(event), &secrets, now).await;
    save(vestibule, &delivery, &attempt, vestibule.now()).await
}

/// The try, the delivery, and what it says of the endpoint, together.
async fn save(vestibule: &Vestibule, delivery: &Delivery, attempt: &Attempt, now: Instant) -> Result<()> {
    let settled = settled(delivery.clone(), attempt, now, rand::random_range(-1.0..=1.0));
    vestibule
        .write(async |tx| {
            let Some(endpoint) = tx.endpoint(delivery.endpoint_id).await? else { return Ok(()) };
            let Some((tx, _)) = tx.lock_organization(endpoint.organization_id).await? else { return Ok(()) };
            let Some(endpoint) = tx.endpoint(delivery.endpoint_id).await? else { return Ok(()) };
            tx.add_attempt(delivery.id, attempt).await?;
            if !tx.settle_delivery(&settled).await? {
                return Ok(());
            }
            let after = judged(endpoint.clone(), attempt, now);
            if after != endpoint {
                tx.save_endpoint(&after).await?;
            }
            match (endpoint.disabled, after.disabled) {
                (None, Some(disabled)) => vestibule.tell_disabled(tx, &after, disabled.why, now).await,
                _ => Ok(()),
            }
        })
        .await?;
    metrics::delivery_settled(settled.state);
    Ok(())
}

/// The delivery as the try left it.
fn settled(delivery: Delivery, attempt: &Attempt, now: Instant, spread: f64) -> Delivery {
    if attempt.is_success() {
        return Delivery { state: DeliveryState::Delivered, done_at: Some(now), ..delivery };
    }
    match delivery.next(attempt, now, spread).filter(|_| !attempt.is_gone()) {
        Some(due_at) => Delivery { due_at, ..delivery },
        None => Delivery { state: DeliveryState::Failed, done_at: Some(now), ..delivery },
    }
}

/// The endpoint as the try left it: it works, it fails, or it has failed for too long.
fn judged(endpoint: Endpoint, attempt: &Attempt, now: Instant) -> Endpoint {
    if attempt.is_success() {
        return Endpoint { failing_since: None, ..endpoint };
    }
    let since = endpoint.failing_since.unwrap_or(now);
    let is_hopeless = now - since >= Duration::days(Endpoint::PATIENCE_DAYS);
    let why = match attempt.is_gone() {
        true => Some(DisabledWhy::Gone),
        false => is_hopeless.then_some(DisabledWhy::Failing),
    };
    let disabled = endpoint.disabled.or(why.map(|why| Disabled { at: now, why }));
    Endpoint { failing_since: Some(since), disabled, ..endpoint }
}
