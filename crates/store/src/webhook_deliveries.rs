//! Deliveries of events to endpoints, and the attempts at each.

use super::{
    Error, Tx, corrupt,
    lists::{List, by_state},
    on, prune,
    subject::{WebhookDeliveries, WebhookDeliveriesMut},
    values::{Value, bound},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::webhook::{Attempt, WebhookDelivery, WebhookDeliveryState};
use vestibule_domain::{
    AttemptId, Counts, CursorPageRequest, EventId, Instant, OrganizationId, WebhookDeliveryId, WebhookEndpointId,
};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    endpoint_id: Uuid,
    event_id: Uuid,
    state: String,
    attempts: i64,
    tried_before: i64,
    due_at: Instant,
    created_at: Instant,
    done_at: Option<Instant>,
}

impl TryFrom<Row> for WebhookDelivery {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.into(),
            endpoint_id: row.endpoint_id.into(),
            event_id: row.event_id.into(),
            state: row.state.parse().map_err(|_| corrupt("webhook_deliveries.state"))?,
            attempts: u32::try_from(row.attempts).map_err(|_| corrupt("webhook_deliveries.attempts"))?,
            tried_before: u32::try_from(row.tried_before).map_err(|_| corrupt("webhook_deliveries.tried_before"))?,
            due_at: row.due_at,
            created_at: row.created_at,
            done_at: row.done_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    at: Instant,
    milliseconds: i64,
    status: Option<i64>,
    error: Option<String>,
    answer: String,
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = Error;

    fn try_from(row: AttemptRow) -> Result<Self, Error> {
        let status = row.status.map(u16::try_from).transpose().map_err(|_| corrupt("webhook_attempts.status"))?;
        Ok(Self {
            at: row.at,
            milliseconds: u32::try_from(row.milliseconds).map_err(|_| corrupt("webhook_attempts.milliseconds"))?,
            status,
            error: row.error,
            answer: row.answer,
            retry_after: None,
        })
    }
}

impl Tx {
    /// Adds a delivery of the event for each endpoint of the organization that wants it. Most organizations have none,
    /// so this is one look-up in an index. Until a restore is released, deliveries are held.
    pub(super) async fn add_deliveries(
        &mut self,
        organization_id: OrganizationId,
        event_id: EventId,
        action: &str,
        at: Instant,
    ) -> Result<(), Error> {
        const SQL: &str =
            "insert into webhook_deliveries (id, endpoint_id, event_id, state, attempts, due_at, created_at)
            values ($1, $2, $3, $5, 0, $4, $4)";
        let endpoints = self.webhook_endpoints().all(organization_id).await?;
        let hearing: Vec<_> = endpoints.iter().filter(|endpoint| endpoint.hears(action)).collect();
        let is_held = !hearing.is_empty() && self.holds().current().await?.is_some();
        let state = if is_held { WebhookDeliveryState::Held } else { WebhookDeliveryState::Pending };
        for endpoint in hearing {
            on!(self, |c| sqlx::query(SQL)
                .bind(WebhookDeliveryId::new(at).uuid())
                .bind(endpoint.id.uuid())
                .bind(event_id.uuid())
                .bind(at)
                .bind(state.as_str())
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }
}

impl WebhookDeliveries<'_> {
    pub async fn get(&mut self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>, Error> {
        const SQL: &str = "select id, endpoint_id, event_id, state, attempts, tried_before, due_at, created_at, done_at
            from webhook_deliveries where id = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns a page of the endpoint's deliveries, newest first, and one row more.
    pub async fn page(
        &mut self,
        endpoint_id: WebhookEndpointId,
        state: Option<WebhookDeliveryState>,
        page: CursorPageRequest,
    ) -> Result<Vec<WebhookDelivery>, Error> {
        const COLUMNS: &str = "id, endpoint_id, event_id, state, attempts, tried_before, due_at, created_at, done_at";
        let mut list = List::of("webhook_deliveries", "id");
        list.and_value("endpoint_id =", Value::Id(endpoint_id.uuid()));
        if let Some(state) = state {
            list.and_value("state =", Value::Text(state.as_str().to_owned()));
        }
        let part = list.page(page);
        let (sql, values) = (list.select(COLUMNS, "", &part), list.values);
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the counts of the endpoint's deliveries, which are kept beside them.
    pub async fn count(&mut self, endpoint_id: WebhookEndpointId) -> Result<Counts<WebhookDeliveryState>, Error> {
        const SQL: &str = "select state, count from webhook_delivery_counts where endpoint_id = $1";
        let rows: Vec<(String, i64)> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(endpoint_id.uuid()).fetch_all(c).await)?;
        Ok(Counts::exact(by_state(rows, "webhook_deliveries.state")?))
    }
}

impl WebhookDeliveriesMut<'_, Tx> {
    /// Sends the delivery again from the beginning of its schedule. Returns `false` if it is already about to be sent.
    pub async fn replay(&mut self, id: WebhookDeliveryId, now: Instant) -> Result<bool, Error> {
        const SQL: &str = "update webhook_deliveries set state = 'pending', due_at = $2, tried_before = attempts,
            leased_until = null, done_at = null where id = $1 and state <> 'pending'";
        const SOONER: &str = "update webhook_deliveries set due_at = $2, tried_before = attempts
            where id = $1 and state = 'pending' and due_at > $2";
        let done = on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(now).execute(c).await?.rows_affected());
        let sooner = on!(self.0, |c| sqlx::query(SOONER).bind(id.uuid()).bind(now).execute(c).await?.rows_affected());
        Ok(done + sooner == 1)
    }

    /// Cancels the endpoint's deliveries that are pending or held.
    pub async fn cancel(&mut self, endpoint_id: WebhookEndpointId, now: Instant) -> Result<(), Error> {
        const SQL: &str = "update webhook_deliveries set state = 'cancelled', done_at = $2, leased_until = null
            where endpoint_id = $1 and state in ('pending', 'held')";
        on!(self.0, |c| sqlx::query(SQL).bind(endpoint_id.uuid()).bind(now).execute(c).await.map(drop))
    }

    pub async fn add_attempt(&mut self, delivery_id: WebhookDeliveryId, attempt: &Attempt) -> Result<(), Error> {
        const SQL: &str = "insert into webhook_attempts (id, delivery_id, at, milliseconds, status, error, answer)
            values ($1, $2, $3, $4, $5, $6, $7)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(AttemptId::new(attempt.at).uuid())
            .bind(delivery_id.uuid())
            .bind(attempt.at)
            .bind(i64::from(attempt.milliseconds))
            .bind(attempt.status.map(i64::from))
            .bind(&attempt.error)
            .bind(&attempt.answer)
            .execute(c)
            .await
            .map(drop))
    }
}

impl WebhookDeliveries<'_> {
    /// Returns the attempts, oldest first.
    pub async fn attempts(&mut self, delivery_id: WebhookDeliveryId) -> Result<Vec<Attempt>, Error> {
        const SQL: &str =
            "select at, milliseconds, status, error, answer from webhook_attempts where delivery_id = $1 order by id";
        let rows: Vec<AttemptRow> = on!(self.0, |c| sqlx::query_as(SQL).bind(delivery_id.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl WebhookDeliveriesMut<'_, Tx> {
    /// Removes at most `limit` deliveries that ended before `before`. Returns how many.
    pub async fn prune(&mut self, before: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "webhook_deliveries", "id", "done_at is not null and done_at <= $1", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
