//! Webhook endpoints.

use super::{
    Error, LockedTx, corrupt, on,
    subject::{WebhookEndpoints, WebhookEndpointsMut},
};
use sqlx::types::Json;
use uuid::Uuid;
use vestibule_domain::webhook::{Disabled, DisabledWhy, WebhookEndpoint, WebhookUrl};
use vestibule_domain::{Actor, Instant, Maker, Name, OrganizationId, WebhookEndpointId};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organization_id: Uuid,
    url: String,
    description: Option<String>,
    actions: Json<Vec<String>>,
    secret_generation: i64,
    rotated_at: Option<Instant>,
    failing_since: Option<Instant>,
    disabled_at: Option<Instant>,
    disabled_why: Option<String>,
    created_by: Option<Json<Actor>>,
    created_at: Instant,
}

impl TryFrom<Row> for WebhookEndpoint {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let why = row.disabled_why.map(|why| why.parse::<DisabledWhy>()).transpose();
        let why = why.map_err(|_| corrupt("webhook_endpoints.disabled_why"))?;
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            url: WebhookUrl::stored(row.url),
            description: row.description.map(Name::stored),
            actions: row.actions.0,
            secret_generation: u32::try_from(row.secret_generation)
                .map_err(|_| corrupt("webhook_endpoints.secret_generation"))?,
            rotated_at: row.rotated_at,
            failing_since: row.failing_since,
            disabled: row.disabled_at.zip(why).map(|(at, why)| Disabled { at, why }),
            created_by: row.created_by.map(|actor| actor.0),
            created_at: row.created_at,
        })
    }
}

impl WebhookEndpoints<'_> {
    /// Returns the endpoints, newest first.
    pub async fn all(&mut self, organization_id: OrganizationId) -> Result<Vec<WebhookEndpoint>, Error> {
        const SQL: &str =
            "select id, organization_id, url, description, actions, secret_generation, rotated_at, failing_since,
            disabled_at, disabled_why, created_by, created_at from webhook_endpoints where organization_id = $1 order by id desc";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub async fn get(&mut self, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, Error> {
        const SQL: &str =
            "select id, organization_id, url, description, actions, secret_generation, rotated_at, failing_since,
            disabled_at, disabled_why, created_by, created_at from webhook_endpoints where id = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    pub async fn count(&mut self, organization_id: OrganizationId) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from webhook_endpoints where organization_id = $1";
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(SQL).bind(organization_id.uuid()).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }
}

impl WebhookEndpointsMut<'_, LockedTx> {
    pub async fn add(&mut self, endpoint: &WebhookEndpoint) -> Result<(), Error> {
        const SQL: &str =
            "insert into webhook_endpoints (id, organization_id, url, description, actions, secret_generation,
            created_at, created_by, maker_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(endpoint.id.uuid())
            .bind(endpoint.organization_id.uuid())
            .bind(endpoint.url.as_str())
            .bind(endpoint.description.as_ref().map(Name::as_str))
            .bind(Json(&endpoint.actions))
            .bind(i64::from(endpoint.secret_generation))
            .bind(endpoint.created_at)
            .bind(endpoint.created_by.as_ref().map(Json))
            .bind(maker_id(endpoint))
            .execute(c)
            .await
            .map(drop))
    }

    /// Saves everything except the organization and the time of creation.
    pub async fn save(&mut self, endpoint: &WebhookEndpoint) -> Result<(), Error> {
        const SQL: &str = "update webhook_endpoints set url = $2, description = $3, actions = $4, secret_generation = $5,
            rotated_at = $6, failing_since = $7, disabled_at = $8, disabled_why = $9, created_by = $10, maker_id = $11 where id = $1";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(endpoint.id.uuid())
            .bind(endpoint.url.as_str())
            .bind(endpoint.description.as_ref().map(Name::as_str))
            .bind(Json(&endpoint.actions))
            .bind(i64::from(endpoint.secret_generation))
            .bind(endpoint.rotated_at)
            .bind(endpoint.failing_since)
            .bind(endpoint.disabled.map(|disabled| disabled.at))
            .bind(endpoint.disabled.map(|disabled| disabled.why.as_str()))
            .bind(endpoint.created_by.as_ref().map(Json))
            .bind(maker_id(endpoint))
            .execute(c)
            .await
            .map(drop))
    }

    /// Deletes the endpoint with its deliveries and their attempts.
    pub async fn delete(&mut self, id: WebhookEndpointId) -> Result<(), Error> {
        const SQL: &str = "delete from webhook_endpoints where id = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).execute(c).await.map(drop))
    }
}

fn maker_id(endpoint: &WebhookEndpoint) -> Option<Uuid> {
    endpoint.created_by.as_ref().and_then(Maker::of).map(Maker::uuid)
}
