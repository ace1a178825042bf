//! How much waits, and since when: read often, so each is a look at the beginning of an index and no count of a table.

use super::{Database, Error, Snapshot, Store, on};
use crate::domain::Instant;
use std::path::Path;

impl Snapshot {
    /// Of the mails that have been due for the longest, `limit` at most: how many of each letter, and since when the
    /// oldest of them has been due.
    pub async fn due_mails(&mut self, now: Instant, limit: u32) -> Result<Vec<(String, u64, Instant)>, Error> {
        const SQL: &str =
            "select letter, count(*), min(due_at) from (select letter ->> 'letter' as letter, due_at from mails
            where state in ('queued', 'deferred') and due_at <= $1 order by due_at limit $2) due group by letter";
        let rows: Vec<(String, i64, Instant)> =
            on!(self, |c| sqlx::query_as(SQL).bind(now).bind(i64::from(limit)).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(letter, count, oldest)| (letter, count.unsigned_abs(), oldest)).collect())
    }

    /// Mails whose next try is after now, counted to `limit`.
    pub async fn mails_due_later(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from mails
            where state in ('queued', 'deferred') and due_at > $1 limit $2) later";
        self.count(SQL, now, limit).await
    }

    /// How many deliveries are due, counted to `limit`, and since when the oldest has been.
    pub async fn due_deliveries(&mut self, now: Instant, limit: u32) -> Result<(u64, Option<Instant>), Error> {
        const SQL: &str = "select count(*), min(due_at) from (select due_at from deliveries
            where state = 'pending' and due_at <= $1 order by due_at limit $2) due";
        let (count, oldest): (i64, Option<Instant>) =
            on!(self, |c| sqlx::query_as(SQL).bind(now).bind(i64::from(limit)).fetch_one(c).await)?;
        Ok((count.unsigned_abs(), oldest))
    }

    /// Deliveries whose next try is after now, counted to `limit`.
    pub async fn deliveries_due_later(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from deliveries
            where state = 'pending' and due_at > $1 limit $2) later";
        self.count(SQL, now, limit).await
    }

    /// Open invitations whose time is over, counted to `limit`.
    pub async fn count_overdue_invitations(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from invitations
            where status = 'pending' and expires_at <= $1 limit $2) overdue";
        self.count(SQL, now, limit).await
    }

    /// Reminders whose time has come, counted to `limit`.
    pub async fn count_due_reminders(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from invitations
            where status = 'pending' and remind_at is not null and remind_at <= $1 limit $2) due";
        self.count(SQL, now, limit).await
    }

    /// Cuts that are not finished, counted to `limit`.
    pub async fn count_due_cuts(&mut self, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from unfinished_cuts limit $1) due";
        let count: i64 = on!(self, |c| sqlx::query_scalar(SQL).bind(i64::from(limit)).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }

    async fn count(&mut self, sql: &'static str, now: Instant, limit: u32) -> Result<u64, Error> {
        let count: i64 = on!(self, |c| sqlx::query_scalar(sql).bind(now).bind(i64::from(limit)).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }
}

impl Store {
    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    /// How many connections are used, and how many are idle; on SQLite those that read.
    pub fn connections(&self) -> (usize, usize) {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.readers(),
            Database::Postgres(postgres) => postgres.connections(),
        }
    }

    /// Bytes of each file that SQLite has.
    pub fn file_sizes(&self) -> Vec<(&'static str, u64)> {
        let Database::Sqlite(sqlite) = &self.database else { return Vec::new() };
        let size = |suffix| {
            let mut name = sqlite.file().as_os_str().to_owned();
            name.push(suffix);
            std::fs::metadata(Path::new(&name)).map_or(0, |metadata| metadata.len())
        };
        vec![("database", size("")), ("wal", size("-wal"))]
    }
}
