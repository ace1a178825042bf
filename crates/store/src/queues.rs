//! How much waits in the queues, and since when. This is read often, so each query reads the beginning of an index and
//! does not count a table.

use super::{Database, Error, Store, on, subject::Queues};
use std::path::Path;
use vestibule_domain::{Instant, Urgency};

/// What waits in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    pub due: u64,
    /// The number of those whose next attempt is after now.
    pub later: u64,
    /// When the first of all was or will be due.
    pub oldest: Option<Instant>,
}

/// The number of lanes or endpoints that are searched for the oldest. Each has its own at the beginning of its part of
/// the index.
const LINES: i64 = 1_000;

impl Queues<'_> {
    /// Returns the mails of this urgency, counted up to `limit`. The oldest is that of the first thousand lanes.
    pub async fn mails_waiting(&mut self, now: Instant, urgency: Urgency, limit: u32) -> Result<QueueCounts, Error> {
        const COUNT: &str =
            "select coalesce(sum(case when due_at <= $2 then 1 else 0 end), 0), count(*) from (select due_at from mails
            where state in ('queued', 'deferred') and urgency = $1 limit $3) waiting";
        // from one lane to the next by the index, however many mails each has
        const OLDEST: &str = "with recursive lanes (lane) as (
                select (select lane from mails where state in ('queued', 'deferred') and urgency = $1 order by lane limit 1)
                union all
                select (select m.lane from mails m where m.state in ('queued', 'deferred') and m.urgency = $1
                    and m.lane > lanes.lane order by m.lane limit 1)
                from lanes where lanes.lane is not null)
            select min(due_at) from (select (select m.due_at from mails m where m.state in ('queued', 'deferred') and m.urgency = $1
                and m.lane = lanes.lane order by m.due_at limit 1) as due_at from lanes where lane is not null limit $2) firsts";
        let urgency = urgency.number();
        let (due, all): (i64, i64) =
            on!(self.0, |c| sqlx::query_as(COUNT).bind(urgency).bind(now).bind(i64::from(limit)).fetch_one(c).await)?;
        let oldest = on!(self.0, |c| sqlx::query_scalar(OLDEST).bind(urgency).bind(LINES).fetch_one(c).await)?;
        Ok(QueueCounts { due: due.unsigned_abs(), later: (all - due).unsigned_abs(), oldest })
    }

    /// Returns the deliveries, counted up to `limit`. The oldest is that of the first thousand endpoints.
    pub async fn deliveries_waiting(&mut self, now: Instant, limit: u32) -> Result<QueueCounts, Error> {
        const COUNT: &str = "select coalesce(sum(case when due_at <= $1 then 1 else 0 end), 0), count(*) from (select due_at from webhook_deliveries
            where state = 'pending' limit $2) waiting";
        const OLDEST: &str = "with recursive lines (endpoint_id) as (
                select (select endpoint_id from webhook_deliveries where state = 'pending' order by endpoint_id limit 1)
                union all
                select (select d.endpoint_id from webhook_deliveries d where d.state = 'pending'
                    and d.endpoint_id > lines.endpoint_id order by d.endpoint_id limit 1)
                from lines where lines.endpoint_id is not null)
            select min(due_at) from (select (select d.due_at from webhook_deliveries d where d.state = 'pending'
                and d.endpoint_id = lines.endpoint_id order by d.due_at limit 1) as due_at
                from lines where endpoint_id is not null limit $1) firsts";
        let (due, all): (i64, i64) =
            on!(self.0, |c| sqlx::query_as(COUNT).bind(now).bind(i64::from(limit)).fetch_one(c).await)?;
        let oldest = on!(self.0, |c| sqlx::query_scalar(OLDEST).bind(LINES).fetch_one(c).await)?;
        Ok(QueueCounts { due: due.unsigned_abs(), later: (all - due).unsigned_abs(), oldest })
    }

    /// Returns the number of open invitations that have expired, counted up to `limit`.
    pub async fn count_overdue_invitations(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from invitations
            where status = 'pending' and expires_at <= $1 limit $2) overdue";
        self.count(SQL, now, limit).await
    }

    /// Returns the number of due reminders, counted up to `limit`.
    pub async fn count_due_reminders(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from invitations
            where status = 'pending' and remind_at is not null and remind_at <= $1
            and not exists (select 1 from restores where released_at is null) limit $2) due";
        self.count(SQL, now, limit).await
    }

    /// Returns the number of unfinished cuts, counted up to `limit`.
    pub async fn count_due_cuts(&mut self, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from unfinished_cuts limit $1) due";
        self.count_all(SQL, limit).await
    }

    /// Returns the number of erasures in progress, counted up to `limit`.
    pub async fn count_due_erasures(&mut self, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from erasures limit $1) due";
        self.count_all(SQL, limit).await
    }

    /// Returns the number of jobs that are due, counted up to `limit`.
    pub async fn count_due_jobs(&mut self, now: Instant, limit: u32) -> Result<u64, Error> {
        const SQL: &str =
            "select count(*) from (select 1 from jobs where finished_at is null and due_at <= $1 limit $2) due";
        self.count(SQL, now, limit).await
    }

    /// Returns the number of mails that are held since a restore, counted up to `limit`.
    pub async fn count_held_mails(&mut self, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from mails where state = 'held' limit $1) held";
        self.count_all(SQL, limit).await
    }

    /// Returns the number of deliveries that are held since a restore, counted up to `limit`.
    pub async fn count_held_deliveries(&mut self, limit: u32) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from (select 1 from webhook_deliveries where state = 'held' limit $1) held";
        self.count_all(SQL, limit).await
    }

    async fn count_all(&mut self, sql: &'static str, limit: u32) -> Result<u64, Error> {
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(sql).bind(i64::from(limit)).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }

    async fn count(&mut self, sql: &'static str, now: Instant, limit: u32) -> Result<u64, Error> {
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(sql).bind(now).bind(i64::from(limit)).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }
}

impl Store {
    /// Returns the kind of the database, `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    /// Returns how many connections are used, and how many are idle. On SQLite these are the connections that read.
    pub fn connections(&self) -> (usize, usize) {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.readers(),
            Database::Postgres(postgres) => postgres.connections(),
        }
    }

    /// Returns the bytes of each file of SQLite.
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
