//! Webhook deliveries as a queue: endpoints take turns, and seats are reserved for organizations that use few.

use super::deliver_webhooks::send;
use super::queue::{LeasedJob, Queue, Worker};
use crate::service::{Result, Vestibule};
use chrono::Duration;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use uuid::Uuid;
use vestibule_domain::WebhookEndpointId;
use vestibule_domain::seats::{Lane, Priority, SeatLimits, Seats, WaitingSource, in_turn};
use vestibule_domain::webhook::WebhookDelivery;
use vestibule_store::{Lease, OpenTx, Snapshot};

/// The most deliveries on their way at once in this process.
const AT_ONCE: usize = 128;
/// The most deliveries on their way at once to one endpoint, in all processes: a slow endpoint holds up only itself.
const AT_ONCE_EACH: u32 = 4;
/// The seconds of a lease beyond the time that the endpoint has to answer.
const LEASE_SECONDS: i64 = 30;
/// The number of endpoints per query.
const ENDPOINTS: u32 = 256;

/// The queue of webhook deliveries, with the leases that this process holds.
pub struct WebhookQueue {
    vestibule: Arc<Vestibule>,
    stop: watch::Receiver<bool>,
    holder: Uuid,
    /// The endpoint that was served last.
    last: Option<Uuid>,
}

/// Sends webhooks until `stop` turns true.
pub async fn run(vestibule: Arc<Vestibule>, stop: watch::Receiver<bool>) {
    worker(&vestibule, stop.clone()).go_on(&vestibule, stop).await;
}

/// Sends all due deliveries and returns how many were attempted.
pub async fn drain(vestibule: &Arc<Vestibule>) -> Result<u64> {
    let (_goes_on, stop) = watch::channel(false);
    worker(vestibule, stop).drain().await
}

fn worker(vestibule: &Arc<Vestibule>, stop: watch::Receiver<bool>) -> Worker<WebhookQueue> {
    let limits = SeatLimits::of_webhooks(AT_ONCE, AT_ONCE_EACH as usize);
    let vestibule = Arc::clone(vestibule);
    Worker::new(WebhookQueue { vestibule, stop, holder: Lease::new_holder(), last: None }, limits)
}

impl Queue for WebhookQueue {
    type Job = WebhookDelivery;
    const CHORE: &'static str = "deliver_webhooks";

    async fn lease(&mut self, seats: &Seats) -> Result<(Vec<LeasedJob<WebhookDelivery>>, bool)> {
        let time = LEASE_SECONDS + i64::from(self.vestibule.settings().webhook_timeout_seconds.get());
        let lease = Lease::begin(self.holder, self.vestibule.now(), Duration::seconds(time));
        let last = self.last;
        let waiting = self.vestibule.read(async |tx| endpoints(tx, &lease, last).await).await?;
        let plan = seats.plan(&waiting, Priority::Ordinary, 0, Instant::now());
        // if none of these endpoints may be sent to, it is the turn of the endpoints after them
        let served = plan.last().map(|(source, _)| *source).or_else(|| waiting.last().map(|waiting| waiting.source));
        self.last = served.or(last);
        if plan.is_empty() {
            return Ok((Vec::new(), false));
        }
        let planned: usize = plan.iter().map(|(_, count)| count).sum();
        let lanes: HashMap<Uuid, Lane> = waiting.iter().map(|waiting| (waiting.source, waiting.lane)).collect();
        let deliveries = self.take(&lease, &plan).await?;
        let begun = |job: WebhookDelivery| {
            let source = job.endpoint_id.uuid();
            let lane = lanes.get(&source).copied().unwrap_or(source.into());
            LeasedJob { id: job.id.uuid(), lane, class: Priority::Ordinary, job }
        };
        let is_more = deliveries.len() < planned;
        Ok((deliveries.into_iter().map(begun).collect(), is_more))
    }

    async fn tidy(&self, seats: &Seats) -> Result<()> {
        let held = self.vestibule.read(async |tx| Ok(tx.webhook_delivery_leases().held_by(self.holder).await?)).await?;
        for delivery in held.iter().filter(|delivery| !seats.has(delivery.id.uuid())) {
            self.vestibule
                .write(async |tx| Ok(tx.webhook_delivery_leases_mut().give_back(delivery, delivery.due_at).await?))
                .await?;
        }
        Ok(())
    }

    fn work(&self, job: WebhookDelivery) -> impl Future<Output = ()> + Send + 'static {
        send(Arc::clone(&self.vestibule), job, self.stop.clone())
    }
}

impl WebhookQueue {
    async fn take(&self, lease: &Lease, plan: &[(Uuid, usize)]) -> Result<Vec<WebhookDelivery>> {
        let take = async |tx: &mut OpenTx| {
            let mut deliveries = Vec::new();
            for (endpoint, count) in plan {
                let count = u32::try_from(*count).unwrap_or(u32::MAX);
                deliveries.extend(
                    tx.webhook_delivery_leases_mut()
                        .lease(lease, WebhookEndpointId::from(*endpoint), count, AT_ONCE_EACH)
                        .await?,
                );
            }
            Ok(deliveries)
        };
        self.vestibule.write(take).await
    }
}

/// Returns the endpoints with due deliveries, in turn.
async fn endpoints(tx: &mut Snapshot, lease: &Lease, last: Option<Uuid>) -> Result<Vec<WaitingSource>> {
    let mut waiting = tx.webhook_delivery_leases().endpoints(lease, AT_ONCE_EACH, None, ENDPOINTS).await?;
    if waiting.len() >= ENDPOINTS as usize && last.is_some() {
        let first = waiting;
        waiting = tx.webhook_delivery_leases().endpoints(lease, AT_ONCE_EACH, last, ENDPOINTS).await?;
        waiting.extend(first.into_iter().filter(|waiting| last.is_none_or(|last| waiting.source <= last)));
        return Ok(waiting);
    }
    Ok(in_turn(waiting, last, |waiting| waiting.source))
}
