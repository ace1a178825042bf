//! Tickets that were used.

use super::{Error, Tx, on, prune, subject::TicketsMut};
use uuid::Uuid;
use vestibule_domain::Instant;

impl TicketsMut<'_, Tx> {
    /// Marks the ticket as used. Returns `false` if it was used before.
    pub async fn use_up(&mut self, id: Uuid, expires_at: Instant) -> Result<bool, Error> {
        const SQL: &str = "insert into used_tickets (id, expires_at) values ($1, $2) on conflict (id) do nothing";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id).bind(expires_at).execute(c).await?.rows_affected()) == 1)
    }

    /// Removes at most `limit` tickets that have expired anyway. Returns how many.
    pub async fn prune(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "used_tickets", "id", "expires_at <= $1", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(now).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
