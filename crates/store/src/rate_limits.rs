//! What has been taken from the rate limits that all instances count together.

use super::{
    Error, Tx, on,
    subject::{RateLimits, RateLimitsMut},
    values::CHUNK,
};
use sqlx::AssertSqlSafe;
use std::collections::{HashMap, HashSet};

/// A digest of the limit and its subject.
pub type RateLimitKey = [u8; 16];

/// No key comes after this.
const LAST_KEY: RateLimitKey = [u8::MAX; 16];

/// What is to be taken from one limit, in microseconds of refilling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitCharge {
    pub key: RateLimitKey,
    pub cost: i64,
    /// How far in the future the moment may be at which everything is refilled.
    pub room: i64,
}

impl RateLimitsMut<'_, Tx> {
    /// Takes from each limit that has enough left, in one statement, and returns the keys of those. The keys must
    /// differ. Rows are locked in the order of their keys.
    pub async fn take(&mut self, now: i64, takings: &[LimitCharge]) -> Result<HashSet<RateLimitKey>, Error> {
        let mut takings: Vec<&LimitCharge> = takings.iter().filter(|taking| taking.cost <= taking.room).collect();
        if takings.is_empty() {
            return Ok(HashSet::new());
        }
        takings.sort_unstable_by_key(|taking| taking.key);
        let sql = take_sql(takings.len());
        let taken: Vec<Vec<u8>> = on!(self.0, |c| {
            let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(now);
            takings
                .iter()
                .fold(query, |query, taking| query.bind(taking.key.to_vec()).bind(now + taking.cost).bind(taking.room))
                .fetch_all(c)
                .await
        })?;
        Ok(taken.into_iter().filter_map(|key| key.try_into().ok()).collect())
    }

    /// Gives back what was taken.
    pub async fn give_back(&mut self, takings: &[LimitCharge]) -> Result<(), Error> {
        const SQL: &str = "update rate_limits set full_at = full_at - $2 where key = $1";
        let mut takings: Vec<&LimitCharge> = takings.iter().collect();
        takings.sort_unstable_by_key(|taking| taking.key);
        for taking in takings {
            on!(self.0, |c| sqlx::query(SQL).bind(taking.key.to_vec()).bind(taking.cost).execute(c).await.map(drop))?;
        }
        Ok(())
    }

    /// Removes those of the `limit` rows after this key that have no effect any longer. Returns how many, and the last
    /// of the keys, or `None` at the end. It goes through the rows by their keys, because an index on the moment would
    /// cost every write that takes from a limit.
    pub async fn prune(
        &mut self,
        now: i64,
        after: RateLimitKey,
        limit: u32,
    ) -> Result<(u64, Option<RateLimitKey>), Error> {
        const LAST: &str = "select key from rate_limits where key > $1 order by key limit 1 offset $2";
        const PLAIN: &str = "delete from rate_limits where key > $1 and key <= $2 and full_at <= $3";
        const LOCKING: &str = "delete from rate_limits where key in (select key from rate_limits
            where key > $1 and key <= $2 and full_at <= $3 for update skip locked)";
        let (sql, offset) = (self.0.for_update(PLAIN, LOCKING), i64::from(limit.saturating_sub(1)));
        let last: Option<Vec<u8>> =
            on!(self.0, |c| sqlx::query_scalar(LAST).bind(after.to_vec()).bind(offset).fetch_optional(c).await)?;
        let last: Option<RateLimitKey> = last.and_then(|key| key.try_into().ok());
        let removed = on!(self.0, |c| sqlx::query(sql)
            .bind(after.to_vec())
            .bind(last.unwrap_or(LAST_KEY).to_vec())
            .bind(now)
            .execute(c)
            .await?
            .rows_affected());
        Ok((removed, last))
    }
}

impl RateLimits<'_> {
    /// Returns when everything is refilled, for the keys from which something was taken.
    pub async fn levels(&mut self, keys: &[RateLimitKey]) -> Result<HashMap<RateLimitKey, i64>, Error> {
        let mut found = HashMap::new();
        for keys in keys.chunks(CHUNK) {
            let places: Vec<String> = (1..=keys.len()).map(|number| format!("${number}")).collect();
            let sql = format!("select key, full_at from rate_limits where key in ({})", places.join(", "));
            let rows: Vec<(Vec<u8>, i64)> = on!(self.0, |c| {
                let query = sqlx::query_as(AssertSqlSafe(sql));
                keys.iter().fold(query, |query, key| query.bind(key.to_vec())).fetch_all(c).await
            })?;
            found.extend(rows.into_iter().filter_map(|(key, full_at)| Some((key.try_into().ok()?, full_at))));
        }
        Ok(found)
    }
}

/// Returns the statement. `$1` is now, followed for each row by its key, the moment when it is refilled if nothing was
/// taken before, and its room.
fn take_sql(rows: usize) -> String {
    let row = |n: usize| format!("(${}, ${}, ${})", 3 * n + 2, 3 * n + 3, 3 * n + 4);
    let rows: Vec<String> = (0..rows).map(row).collect();
    let full_at = "(case when rate_limits.full_at > $1 then rate_limits.full_at else $1 end + excluded.full_at - $1)";
    format!(
        "insert into rate_limits (key, full_at, room) values {} on conflict (key)
        do update set full_at = {full_at}, room = excluded.room where {full_at} <= $1 + excluded.room returning key",
        rows.join(", ")
    )
}
