//! The check whether the database can be read and written, by trying it.

use super::{Error, Store, Tx, on, prune};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant as Moment, timeout},
};
use uuid::Uuid;
use vestibule_domain::Instant;

/// How long a result is used again, so that many may ask at once.
const FRESH: Duration = Duration::from_millis(400);
/// The bytes to write after a disk was full. They are more than fits in the place of older rows, so that they need new
/// space.
const PADDING: usize = 32 * 1_024;
/// The most time that a database may take to store one row.
const LIMIT: Duration = Duration::from_secs(1);
/// The days for which rows of processes that have ended are kept.
const KEPT_DAYS: i64 = 1;

/// The result of the last check.
pub struct Probe {
    /// The id of this process's row, so that no other process's lock is in the way.
    id: Uuid,
    last: Mutex<Option<(Moment, bool)>>,
    /// Whether something could not be written, and no large row has been since.
    is_suspect: AtomicBool,
}

impl Probe {
    /// Makes the next checks write more: a small row may find space where nothing else does.
    pub fn suspect(&self) {
        self.is_suspect.store(true, Ordering::Relaxed);
    }
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            id: uuid::Builder::from_random_bytes(rand::random()).into_uuid(),
            last: Mutex::default(),
            is_suspect: AtomicBool::new(false),
        }
    }
}

impl Store {
    /// Checks whether a row can be stored now. The result is at most two seconds old and takes less than that. `now` is
    /// written into the row.
    pub async fn is_ready(&self, now: Instant) -> bool {
        let mut last = self.probe.last.lock().await;
        if let Some((at, is_ready)) = *last
            && at.elapsed() < FRESH
        {
            return is_ready;
        }
        let padding = self.padding();
        let kept = self.write_unheard(async |tx| tx.keep_probe(self.probe.id, now, &padding).await);
        let is_ready = matches!(timeout(LIMIT, kept).await, Ok(Ok(_)));
        if is_ready {
            self.probe.is_suspect.store(false, Ordering::Relaxed);
        }
        *last = Some((Moment::now(), is_ready));
        is_ready
    }

    /// Returns random bytes, which no database can compress.
    fn padding(&self) -> Vec<u8> {
        let mut padding = vec![0; if self.probe.is_suspect.load(Ordering::Relaxed) { PADDING } else { 0 }];
        rand::fill(&mut padding[..]);
        padding
    }
}

impl Tx {
    async fn keep_probe(&mut self, id: Uuid, now: Instant, padding: &[u8]) -> Result<(), Error> {
        const SQL: &str = "insert into probes (id, at, padding) values ($1, $2, $3)
            on conflict (id) do update set at = excluded.at, padding = excluded.padding";
        on!(self, |c| sqlx::query(SQL).bind(id).bind(now).bind(padding).execute(c).await.map(drop))
    }

    /// Removes at most `limit` rows of processes that have ended. Returns how many.
    pub async fn prune_probes(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        let before = now - chrono::Duration::days(KEPT_DAYS);
        let sql = prune!(self, "probes", "id", "at <= $1", "$2");
        Ok(on!(self, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
