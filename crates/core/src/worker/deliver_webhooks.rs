//! One delivery: it is sent outside any transaction, and the result is saved.
//!
//! Delivery is at least once: if a process dies between the endpoint's answer and the commit, the row's lease expires,
//! and the next worker sends it again under the same `webhook-id`.

use super::saving::until_saved;
use super::supervise::stopped;
use crate::service::{Result, Vestibule};
use crate::webhook::payload;
use chrono::Duration;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::watch;
use vestibule_domain::webhook::{
    Attempt, Disabled, DisabledWhy, WebhookDelivery, WebhookDeliveryState, WebhookEndpoint,
};
use vestibule_domain::{Event, Instant};
use vestibule_telemetry::metrics;

/// The seconds after which a delivery is tried again that could not be prepared because the database failed.
const NOT_READY_SECONDS: i64 = 5;
/// The time that an endpoint has to answer when the process is about to end. A delivery without an answer by then is
/// sent again by the next process, under the same id.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// The result of working on a delivery.
enum DeliveryOutcome {
    Tried(Attempt),
    /// The delivery was not sent, or its answer is no longer awaited, and it is due again at this time.
    Unsent(Instant),
}

/// Sends the delivery, and returns when the result is saved.
pub async fn send(vestibule: Arc<Vestibule>, delivery: WebhookDelivery, stop: watch::Receiver<bool>) {
    let later = vestibule.now() + Duration::seconds(NOT_READY_SECONDS);
    let trying = async {
        tokio::select! {
            tried = attempt(&vestibule, &delivery, later) => tried.unwrap_or_else(|error| {
                super::log_failure::<()>("deliver_webhooks", Err(&error));
                DeliveryOutcome::Unsent(later)
            }),
            () = is_given_up(stop) => DeliveryOutcome::Unsent(delivery.due_at),
        }
    };
    let outcome = AssertUnwindSafe(trying).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(delivery.id = %delivery.id, "Sending a webhook panicked");
        DeliveryOutcome::Unsent(later)
    });
    let now = vestibule.now();
    match outcome {
        DeliveryOutcome::Unsent(due_at) => {
            until_saved("deliver_webhooks", || give_back(&vestibule, &delivery, due_at)).await;
        }
        DeliveryOutcome::Tried(attempt) => {
            let settled = settled(delivery, &attempt, now, rand::random_range(-1.0..=1.0));
            until_saved("deliver_webhooks", || save(&vestibule, &settled, &attempt, now)).await;
        }
    }
}

async fn attempt(vestibule: &Vestibule, delivery: &WebhookDelivery, later: Instant) -> Result<DeliveryOutcome> {
    // deleted, disabled, or taken by another worker, in which case giving it back changes nothing
    let Some((endpoint, event)) = wanted(vestibule, delivery).await? else { return Ok(DeliveryOutcome::Unsent(later)) };
    let now = vestibule.now();
    let secrets = vestibule.webhook_endpoints().secrets(&endpoint, now);
    Ok(DeliveryOutcome::Tried(vestibule.sender.send(&endpoint.url, event.id, payload(event), &secrets, now).await))
}

/// Returns the endpoint and the event as they are now, if this worker still has to send the delivery.
async fn wanted(vestibule: &Vestibule, delivery: &WebhookDelivery) -> Result<Option<(WebhookEndpoint, Event)>> {
    let id = delivery.id;
    let (row, endpoint, event) = vestibule
        .read(async |tx| {
            let row = tx.webhook_deliveries().get(id).await?;
            Ok((
                row,
                tx.webhook_endpoints().get(delivery.endpoint_id).await?,
                tx.events().get(delivery.event_id).await?,
            ))
        })
        .await?;
    let is_ours =
        |row: &WebhookDelivery| row.state == WebhookDeliveryState::Pending && row.attempts == delivery.attempts;
    Ok(row.filter(is_ours).and(endpoint).filter(|endpoint| endpoint.disabled.is_none()).zip(event))
}

async fn is_given_up(mut stop: watch::Receiver<bool>) {
    stopped(&mut stop).await;
    tokio::time::sleep(GRACE).await;
}

async fn give_back(vestibule: &Vestibule, delivery: &WebhookDelivery, due_at: Instant) -> Result<()> {
    vestibule.write(async |tx| Ok(tx.webhook_delivery_leases_mut().give_back(delivery, due_at).await?)).await
}

/// Saves the attempt, the delivery and the endpoint's state in one transaction.
async fn save(vestibule: &Vestibule, settled: &WebhookDelivery, attempt: &Attempt, now: Instant) -> Result<()> {
    let is_ours = vestibule
        .write(async |tx| {
            let Some(endpoint) = tx.webhook_endpoints().get(settled.endpoint_id).await? else { return Ok(false) };
            let Some((tx, _)) = tx.lock_organization(endpoint.organization_id).await? else { return Ok(false) };
            let Some(endpoint) = tx.webhook_endpoints().get(settled.endpoint_id).await? else { return Ok(false) };
            tx.webhook_deliveries_mut().add_attempt(settled.id, attempt).await?;
            if !tx.webhook_delivery_leases_mut().settle(settled).await? {
                return Ok(false);
            }
            let after = judged(endpoint.clone(), attempt, now);
            if after != endpoint {
                tx.webhook_endpoints_mut().save(&after).await?;
            }
            if let (None, Some(disabled)) = (endpoint.disabled, after.disabled) {
                vestibule.webhook_endpoints().tell_disabled(tx, &after, disabled.why, now).await?;
            }
            Ok(true)
        })
        .await?;
    if is_ours {
        metrics::delivery_settled(settled.state);
    }
    Ok(())
}

/// Returns the delivery after this attempt: delivered, due again or failed.
fn settled(delivery: WebhookDelivery, attempt: &Attempt, now: Instant, spread: f64) -> WebhookDelivery {
    if attempt.is_success() {
        return WebhookDelivery { state: WebhookDeliveryState::Delivered, done_at: Some(now), ..delivery };
    }
    match delivery.next(attempt, now, spread).filter(|_| !attempt.is_gone()) {
        Some(due_at) => WebhookDelivery { due_at, ..delivery },
        None => WebhookDelivery { state: WebhookDeliveryState::Failed, done_at: Some(now), ..delivery },
    }
}

/// Returns the endpoint after this attempt: working, failing, or disabled because it is gone or failed for too long.
fn judged(endpoint: WebhookEndpoint, attempt: &Attempt, now: Instant) -> WebhookEndpoint {
    if attempt.is_success() {
        return WebhookEndpoint { failing_since: None, ..endpoint };
    }
    let since = endpoint.failing_since.unwrap_or(now);
    let is_hopeless = now - since >= Duration::days(WebhookEndpoint::PATIENCE_DAYS);
    let why = match attempt.is_gone() {
        true => Some(DisabledWhy::Gone),
        false => is_hopeless.then_some(DisabledWhy::Failing),
    };
    let disabled = endpoint.disabled.or(why.map(|why| Disabled { at: now, why }));
    WebhookEndpoint { failing_since: Some(since), disabled, ..endpoint }
}
