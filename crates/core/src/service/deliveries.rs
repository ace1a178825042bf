//! Webhook deliveries: what was sent to which endpoint, how it went, and sending it again.

use super::webhooks::own;
use super::{Missing, Result, Scope, Vestibule, WebhookConflict, outbox::page_request};
use crate::webhook::payload;
use vestibule_domain::webhook::{Attempt, Delivery, DeliveryState, Endpoint};
use vestibule_domain::{DeliveryId, EndpointId, Event, EventId, Page, Permission};
use vestibule_store::Snapshot;

/// A page of a webhook's deliveries, each with its event.
#[derive(Clone, Debug)]
pub struct DeliveryList {
    pub endpoint: Endpoint,
    pub page: Page<(Delivery, Event)>,
    /// The number of deliveries in each state that occurs.
    pub counts: Vec<(DeliveryState, u64)>,
}

/// One delivery with everything that is recorded about it.
#[derive(Clone, Debug)]
pub struct DeliveryDetail {
    pub endpoint: Endpoint,
    pub delivery: Delivery,
    pub event: Event,
    /// The request body as it is sent.
    pub payload: String,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl DeliveryList {
    /// Returns the number of deliveries in this state, or in all states.
    pub fn total(&self, state: Option<DeliveryState>) -> u64 {
        let counted = self.counts.iter().filter(|(of, _)| state.is_none_or(|state| state == *of));
        counted.map(|(_, count)| count).sum()
    }
}

impl Vestibule {
    /// Returns a page of an endpoint's deliveries, newest first.
    pub async fn deliveries(
        &self,
        scope: &Scope,
        id: EndpointId,
        state: Option<DeliveryState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<DeliveryList> {
        scope.require(Permission::WebhookEdit)?;
        let request = page_request(scope, cursor, limit)?;
        self.read(async |tx| {
            let endpoint = own(tx, scope, id).await?;
            let rows = tx.deliveries(id, state, request).await?;
            let page = Page::new(rows, request, scope.organization().id, |delivery| delivery.id.uuid());
            let mut items = Vec::with_capacity(page.items.len());
            for delivery in page.items {
                let event = event(tx, delivery.event_id).await?;
                items.push((delivery, event));
            }
            let page = Page { items, newer: page.newer, older: page.older };
            Ok(DeliveryList { endpoint, page, counts: tx.count_deliveries(id).await? })
        })
        .await
    }

    /// Returns one delivery, or `Missing::Delivery`, also for one of another organization.
    pub async fn delivery(&self, scope: &Scope, id: DeliveryId) -> Result<DeliveryDetail> {
        scope.require(Permission::WebhookEdit)?;
        self.read(async |tx| detail(tx, scope, id).await).await
    }

    /// Sends the delivery again now, under the same id, with a new schedule of retries. Returns `DeliveryNotReplayable`
    /// if it is on its way already or its endpoint is disabled.
    pub async fn replay_delivery(&self, scope: &Scope, id: DeliveryId) -> Result<DeliveryDetail> {
        let now = self.now();
        self.write_in(scope, Some(Permission::WebhookEdit), async |tx, scope| {
            let found = detail(tx, scope, id).await?;
            if found.endpoint.disabled.is_some() || !tx.replay_delivery(id, now).await? {
                return Err(WebhookConflict::NotReplayable.into());
            }
            Ok(())
        })
        .await?;
        self.delivery(scope, id).await
    }
}

async fn detail(tx: &mut Snapshot, scope: &Scope, id: DeliveryId) -> Result<DeliveryDetail> {
    let delivery = tx.delivery(id).await?.ok_or(Missing::Delivery)?;
    let endpoint = own(tx, scope, delivery.endpoint_id).await.map_err(|_| Missing::Delivery)?;
    let event = event(tx, delivery.event_id).await?;
    let attempts = tx.attempts(id).await?;
    Ok(DeliveryDetail { endpoint, delivery, payload: payload(event.clone()), event, attempts })
}

async fn event(tx: &mut Snapshot, id: EventId) -> Result<Event> {
    Ok(tx.event(id).await?.ok_or(Missing::Delivery)?)
}
