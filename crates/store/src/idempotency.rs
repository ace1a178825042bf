//! The results of writes that were sent with an idempotency key.

use super::{
    Error, Tx, on, prune,
    subject::{IdempotencyKeys, IdempotencyKeysMut},
};
use vestibule_domain::{ApiKeyId, Instant};

/// The result of a write with an idempotency key.
#[derive(sqlx::FromRow)]
pub struct IdempotencyRow {
    pub request_hash: Vec<u8>,
    /// The service's result as JSON.
    pub result: String,
    pub created_at: Instant,
}

impl IdempotencyKeys<'_> {
    pub async fn get(&mut self, owner: ApiKeyId, key: &str) -> Result<Option<IdempotencyRow>, Error> {
        const SQL: &str =
            "select request_hash, result, created_at from idempotency_keys where api_key_id = $1 and key = $2";
        on!(self.0, |c| sqlx::query_as(SQL).bind(owner.uuid()).bind(key).fetch_optional(c).await)
    }
}

impl IdempotencyKeysMut<'_, Tx> {
    /// Saves the result, and replaces an older one of the same key.
    pub async fn save(&mut self, owner: ApiKeyId, key: &str, row: &IdempotencyRow) -> Result<(), Error> {
        const SQL: &str = "insert into idempotency_keys (api_key_id, key, request_hash, result, created_at)
            values ($1, $2, $3, $4, $5) on conflict (api_key_id, key)
            do update set request_hash = excluded.request_hash, result = excluded.result, created_at = excluded.created_at";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(owner.uuid())
            .bind(key)
            .bind(&row.request_hash)
            .bind(&row.result)
            .bind(row.created_at)
            .execute(c)
            .await
            .map(drop))
    }

    /// Removes at most `limit` results that are older than `before`, oldest first. Returns how many.
    pub async fn prune(&mut self, before: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "idempotency_keys", "api_key_id, key", "created_at < $1 order by created_at", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
