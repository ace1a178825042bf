//! Webhook deliveries: what was sent to which endpoint, how it went, and sending it again.

use super::webhook_endpoints::own;
use super::{NotFound, Result, Scope, WebhookConflict, outbox::page_request, subject};
use crate::webhook::payload;
use vestibule_domain::webhook::{Attempt, WebhookDelivery, WebhookDeliveryState, WebhookEndpoint};
use vestibule_domain::{Counts, CursorPage, Event, EventId, Permission, WebhookDeliveryId, WebhookEndpointId};
use vestibule_store::Snapshot;

/// A page of a webhook's deliveries, each with its event.
#[derive(Clone, Debug)]
pub struct WebhookDeliveryList {
    pub endpoint: WebhookEndpoint,
    pub page: CursorPage<(WebhookDelivery, Event)>,
    pub counts: Counts<WebhookDeliveryState>,
}

/// One delivery with everything that is recorded about it.
#[derive(Clone, Debug)]
pub struct WebhookDeliveryDetail {
    pub endpoint: WebhookEndpoint,
    pub delivery: WebhookDelivery,
    pub event: Event,
    /// The request body as it is sent.
    pub payload: String,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl subject::WebhookDeliveries<'_> {
    /// Returns a page of an endpoint's deliveries, newest first.
    pub async fn page(
        self,
        scope: &Scope,
        id: WebhookEndpointId,
        state: Option<WebhookDeliveryState>,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<WebhookDeliveryList> {
        scope.require(Permission::WebhookEndpointEdit)?;
        let request = page_request(scope, cursor, limit)?;
        self.read(async |tx| {
            let endpoint = own(tx, scope, id).await?;
            let rows = tx.webhook_deliveries().page(id, state, request).await?;
            let page = CursorPage::new(rows, request, scope.organization().id, |delivery| delivery.id.uuid());
            let mut items = Vec::with_capacity(page.items.len());
            for delivery in page.items {
                let event = event(tx, delivery.event_id).await?;
                items.push((delivery, event));
            }
            let page = CursorPage { items, newer: page.newer, older: page.older };
            Ok(WebhookDeliveryList { endpoint, page, counts: tx.webhook_deliveries().count(id).await? })
        })
        .await
    }

    /// Returns one delivery, or `NotFound::Delivery`, also for one of another organization.
    pub async fn get(self, scope: &Scope, id: WebhookDeliveryId) -> Result<WebhookDeliveryDetail> {
        scope.require(Permission::WebhookEndpointEdit)?;
        self.read(async |tx| detail(tx, scope, id).await).await
    }

    /// Sends the delivery again now, under the same id, with a new schedule of retries. Returns `DeliveryNotReplayable`
    /// if it is on its way already or its endpoint is disabled.
    pub async fn replay(self, scope: &Scope, id: WebhookDeliveryId) -> Result<WebhookDeliveryDetail> {
        let now = self.now();
        self.write_in(scope, Some(Permission::WebhookEndpointEdit), async |tx, scope| {
            let found = detail(tx, scope, id).await?;
            if found.endpoint.disabled.is_some() || !tx.webhook_deliveries_mut().replay(id, now).await? {
                return Err(WebhookConflict::NotReplayable.into());
            }
            Ok(())
        })
        .await?;
        self.get(scope, id).await
    }
}

async fn detail(tx: &mut Snapshot, scope: &Scope, id: WebhookDeliveryId) -> Result<WebhookDeliveryDetail> {
    let delivery = tx.webhook_deliveries().get(id).await?.ok_or(NotFound::Delivery)?;
    let endpoint = own(tx, scope, delivery.endpoint_id).await.map_err(|_| NotFound::Delivery)?;
    let event = event(tx, delivery.event_id).await?;
    let attempts = tx.webhook_deliveries().attempts(id).await?;
    Ok(WebhookDeliveryDetail { endpoint, delivery, payload: payload(event.clone()), event, attempts })
}

async fn event(tx: &mut Snapshot, id: EventId) -> Result<Event> {
    Ok(tx.events().get(id).await?.ok_or(NotFound::Delivery)?)
}
