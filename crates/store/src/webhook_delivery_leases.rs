//! Which deliveries are sent next, and who sends them.

use super::{
    Error, Lease, Tx, on,
    subject::{WebhookDeliveryLeases, WebhookDeliveryLeasesMut},
    webhook_deliveries::Row,
};
use uuid::Uuid;
use vestibule_domain::seats::{Lane, WaitingSource};
use vestibule_domain::webhook::{WebhookDelivery, WebhookDeliveryState};
use vestibule_domain::{Instant, WebhookEndpointId};

impl WebhookDeliveryLeases<'_> {
    /// Returns the endpoints with a delivery that `lease` could take, and how many more each may have if `each` are
    /// allowed at once in all processes together. At most `limit` are returned, in order, starting after `after`.
    pub async fn endpoints(
        &mut self,
        lease: &Lease,
        each: u32,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<WaitingSource>, Error> {
        // from one endpoint to the next by the index, however many deliveries each has
        const SQL: &str = "with recursive waiting (id) as (
                select (select endpoint_id from webhook_deliveries where state = 'pending' and endpoint_id > $1
                    order by endpoint_id limit 1)
                union all
                select (select d.endpoint_id from webhook_deliveries d where d.state = 'pending' and d.endpoint_id > waiting.id
                    order by d.endpoint_id limit 1)
                from waiting where waiting.id is not null),
            counted (id, taken) as (select id, (select count(*) from webhook_deliveries d
                    where d.endpoint_id = waiting.id and d.leased_until is not null and d.leased_until > $2)
                from waiting where id is not null and exists (select 1 from webhook_deliveries d
                    where d.state = 'pending' and d.endpoint_id = waiting.id and d.due_at <= $2
                    and (d.leased_until is null or d.leased_until <= $2 and (d.leased_by is null or d.leased_by <> $3))))
            select counted.id, counted.taken, e.organization_id from counted join webhook_endpoints e on e.id = counted.id
            where counted.taken < $4 order by counted.id limit $5";
        let rows: Vec<(Uuid, i64, Uuid)> = on!(self.0, |c| sqlx::query_as(SQL)
            .bind(after.unwrap_or_default())
            .bind(lease.now)
            .bind(lease.by)
            .bind(i64::from(each))
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        let room = |taken: i64| usize::try_from(i64::from(each) - taken).unwrap_or_default();
        Ok(rows
            .into_iter()
            .map(|(source, taken, organization)| WaitingSource {
                source,
                lane: Lane::from(organization),
                room: room(taken),
            })
            .collect())
    }

    /// Returns the deliveries that are leased to this holder, lapsed or not.
    pub async fn held_by(&mut self, holder: Uuid) -> Result<Vec<WebhookDelivery>, Error> {
        const SQL: &str = "select id, endpoint_id, event_id, state, attempts, tried_before, due_at, created_at, done_at
            from webhook_deliveries where leased_until is not null and leased_by = $1";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(holder).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

macro_rules! lease {
    ($lock:literal) => {
        concat!(
            "update webhook_deliveries set leased_until = $3, leased_by = $4, attempts = attempts + 1 where id in (
                select id from webhook_deliveries where state = 'pending' and endpoint_id = $1 and due_at <= $2
                and (leased_until is null or leased_until <= $2 and (leased_by is null or leased_by <> $4))
                order by due_at, id limit $5",
            $lock,
            ") returning id, endpoint_id, event_id, state, attempts, tried_before, due_at, created_at, done_at"
        )
    };
}

impl WebhookDeliveryLeasesMut<'_, Tx> {
    /// Leases at most `limit` due deliveries of the endpoint, so that no more than `each` are in progress in all
    /// processes together, and counts the attempt. Returns none while another process leases of the same endpoint.
    pub async fn lease(
        &mut self,
        lease: &Lease,
        endpoint_id: WebhookEndpointId,
        limit: u32,
        each: u32,
    ) -> Result<Vec<WebhookDelivery>, Error> {
        // only one process may count, until what it leases can be counted
        const PLAIN: &str = "select id from webhook_endpoints where id = $1";
        const LOCKING: &str = "select id from webhook_endpoints where id = $1 for no key update skip locked";
        const TAKEN: &str = "select count(*) from webhook_deliveries
            where endpoint_id = $1 and leased_until is not null and leased_until > $2";
        let sql = self.0.for_update(PLAIN, LOCKING);
        let found: Option<Uuid> =
            on!(self.0, |c| sqlx::query_scalar(sql).bind(endpoint_id.uuid()).fetch_optional(c).await)?;
        if found.is_none() {
            return Ok(Vec::new());
        }
        let taken: i64 =
            on!(self.0, |c| sqlx::query_scalar(TAKEN).bind(endpoint_id.uuid()).bind(lease.now).fetch_one(c).await)?;
        let limit = i64::from(limit).min(i64::from(each) - taken);
        if limit <= 0 {
            return Ok(Vec::new());
        }
        let sql = self.0.for_update(lease!(""), lease!(" for update skip locked"));
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(sql)
            .bind(endpoint_id.uuid())
            .bind(lease.now)
            .bind(lease.until)
            .bind(lease.by)
            .bind(limit)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Saves the result of an attempt. Returns `false` if the lease had lapsed and another worker has begun a later
    /// attempt, or if the endpoint has been disabled meanwhile. But a delivery that has succeeded is saved even then.
    pub async fn settle(&mut self, delivery: &WebhookDelivery) -> Result<bool, Error> {
        const SQL: &str =
            "update webhook_deliveries set state = $3, due_at = $4, done_at = $5, leased_until = null, leased_by = null
            where id = $1 and attempts = $2 and (state = 'pending' or (state = 'cancelled' and $6 = 1))";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(delivery.id.uuid())
            .bind(i64::from(delivery.attempts))
            .bind(delivery.state.as_str())
            .bind(delivery.due_at)
            .bind(delivery.done_at)
            .bind(i64::from(delivery.state == WebhookDeliveryState::Delivered))
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Undoes the lease of a delivery that was not sent: the attempt is not counted, and the delivery is due at
    /// `due_at`.
    pub async fn give_back(&mut self, delivery: &WebhookDelivery, due_at: Instant) -> Result<(), Error> {
        const SQL: &str =
            "update webhook_deliveries set attempts = attempts - 1, due_at = $3, leased_until = null, leased_by = null
            where id = $1 and attempts = $2 and leased_until is not null and state = 'pending'";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(delivery.id.uuid())
            .bind(i64::from(delivery.attempts))
            .bind(due_at)
            .execute(c)
            .await
            .map(drop))
    }
}
