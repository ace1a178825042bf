//! Whether the database can be read and written, by trying it.

use super::{Error, Store, Tx, on, prune};
use crate::domain::Instant;
use std::time::Duration;
use tokio::{
    sync::Mutex,
    time::{Instant as Moment, timeout},
};
use uuid::Uuid;

/// How long an answer is given again: so many may ask at once.
const FRESH: Duration = Duration::from_millis(400);
/// How long a database may take to keep one row.
const LIMIT: Duration = Duration::from_secs(1);
/// Rows of processes that have ended are kept so long.
const KEPT_DAYS: i64 = 1;

pub struct Probe {
    /// this process's row: nobody else's lock is ever in the way
    id: Uuid,
    last: Mutex<Option<(Moment, bool)>>,
}

impl Default for Probe {
    fn default() -> Self {
        Self { id: Uuid::now_v7(), last: Mutex::default() }
    }
}

impl Store {
    /// Returns whether a row can be kept at this moment, within two seconds of the truth, and in less than that. `now`
    /// is written into the row.
    pub async fn is_ready(&self, now: Instant) -> bool {
        let mut last = self.probe.last.lock().await;
        if let Some((at, is_ready)) = *last
            && at.elapsed() < FRESH
        {
            return is_ready;
        }
        let kept = timeout(LIMIT, self.write_unheard(async |tx| tx.keep_probe(self.probe.id, now).await)).await;
        let is_ready = matches!(kept, Ok(Ok(())));
        *last = Some((Moment::now(), is_ready));
        is_ready
    }
}

impl Tx {
    async fn keep_probe(&mut self, id: Uuid, now: Instant) -> Result<(), Error> {
        const SQL: &str = "insert into probes (id, at) values ($1, $2) on conflict (id) do update set at = excluded.at";
        on!(self, |c| sqlx::query(SQL).bind(id).bind(now).execute(c).await.map(drop))
    }

    /// Removes at most `limit` rows of processes that have ended; says how many.
    pub async fn prune_probes(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        let before = now - chrono::Duration::days(KEPT_DAYS);
        let sql = prune!(self, "probes", "id", "at <= $1", "$2");
        Ok(on!(self, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
