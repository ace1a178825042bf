//! SQLite's single writer, with group commit.
//!
//! `write` runs closures one after another on the single write connection, inside one open transaction, and returns all
//! their results after one COMMIT. The caller runs its closure itself, in its own task, while it has the seat: closures
//! may borrow and are not boxed. The COMMIT is a task of its own, so a caller that hangs up takes nobody's result with
//! it.

use super::{Commits, Error, OpenTx, Snapshot, TransactionError, on, outage::Shared, signals::Changed};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    sync::{Mutex as Queue, Semaphore, watch},
    time::timeout,
};
use vestibule_domain::seal::Seals;
use vestibule_telemetry::{metrics, storing::Storing};

/// The most turns that share a commit. It limits how long the first one waits, and what is lost in a failure.
const GROUP: usize = 128;
/// How long to wait at the end for reads in progress.
const LAST_READS: Duration = Duration::from_secs(2);
/// One MiB of pages for each reading connection, which is half of SQLite's default: there are several, and the system
/// caches what they have read as well.
const CACHE: &str = "-1024";

/// The connections to a SQLite file: one that writes, and several that read.
pub struct SqliteStore {
    seat: Arc<Queue<Seat>>,
    readers: Readers,
    /// The most time to wait for the seat, or for a reader.
    wait: Duration,
}

impl SqliteStore {
    pub async fn open(
        options: SqliteConnectOptions,
        readers: usize,
        commits: Commits,
        wait: Duration,
        seals: Seals,
    ) -> Result<Self, Error> {
        // what a savepoint may have to bring back would be written to a file, a page at a time
        let writing = options.clone().pragma("temp_store", "memory");
        let connection = Some(OpenTx::new(connect(&writing).await?, None, seals.clone()));
        let seat = Seat { connection, options: writing, commits, seals, group: None, is_closed: false };
        let readers = Readers::open(options.read_only(true).pragma("cache_size", CACHE), readers).await?;
        Ok(Self { seat: Arc::new(Queue::new(seat)), readers, wait })
    }

    /// Runs the closure. What it wrote is on disk if this returns `Ok`, with what to tell of it, and none of it was kept
    /// if this returns `Err`.
    pub async fn write<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E>,
    ) -> Result<(T, Changed), E> {
        let waiting = metrics::waits_for_database(Storing::Write);
        // served in order of arrival
        let mut seat = timeout(self.wait, self.seat.lock()).await.map_err(|_| Error::PoolTimedOut)?;
        drop(waiting);
        let mut outcome = seat.begin(&self.seat).await?;
        let connection = seat.connection()?;
        // a turn that was dropped in the middle has left what it would have told
        connection.take_changed();
        let result = work(connection).await;
        let changed = connection.take_changed();
        seat.end(result.is_ok());
        drop(seat);
        // a refusal waits as well: it may be based on a neighbour's row that is not committed yet
        let outcome = outcome.wait_for(Option::is_some).await.map_err(|_| Error::WorkerCrashed)?.clone();
        outcome.expect("waited for").map_err(|error| Error::Io(std::io::Error::other(Shared(error))))?;
        result.map(|result| (result, changed))
    }

    /// Returns the database's file.
    pub fn file(&self) -> &Path {
        self.readers.options.get_filename()
    }

    /// Returns how many connections are reading, and how many are idle.
    pub fn readers(&self) -> (usize, usize) {
        let idle = self.readers.free.available_permits();
        (super::READERS.saturating_sub(idle), idle)
    }

    /// Runs `work` on a snapshot of one moment, that of its first query.
    pub async fn read<T, E: From<Error>>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E>) -> Result<T, E> {
        let waiting = metrics::waits_for_database(Storing::Read);
        let permit = timeout(self.wait, self.readers.free.acquire()).await.map_err(|_| Error::PoolTimedOut)?;
        let _permit = permit.map_err(|_| Error::PoolClosed)?;
        drop(waiting);
        let mut snapshot = self.readers.take().await?;
        run(&mut snapshot, "begin deferred").await?;
        let result = work(&mut snapshot).await;
        run(&mut snapshot, "rollback").await?;
        // a read that is dropped earlier closes the connection with its transaction: an old snapshot in the pool would
        // show the next caller the past, and keep the write-ahead log from being emptied
        self.readers.give_back(snapshot);
        result
    }

    /// Folds the log into the file and closes every connection, so that the file is complete without its log. Later
    /// requests are refused. Returns `false` if another process has the file open, or if a read takes too long.
    pub async fn close(&self) -> Result<bool, Error> {
        let mut seat = self.seat.lock().await;
        if seat.group.is_some() {
            seat.commit().await;
        }
        seat.is_closed = true;
        let all_back = self.readers.close().await;
        let Some(Snapshot::Sqlite(mut connection)) = seat.connection.take().map(OpenTx::into_snapshot) else {
            return Ok(false);
        };
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut *connection).await?;
        connection.close().await?;
        Ok(all_back && busy == 0)
    }
}

async fn connect(options: &SqliteConnectOptions) -> Result<Snapshot, Error> {
    Ok(Snapshot::Sqlite(Box::new(options.connect().await?)))
}

async fn run(connection: &mut Snapshot, sql: &'static str) -> Result<(), Error> {
    on!(connection, |c| sqlx::query(sql).execute(c).await.map(drop))
}

/// The right to use the write connection, for the task that has locked it.
struct Seat {
    options: SqliteConnectOptions,
    commits: Commits,
    seals: Seals,
    is_closed: bool,
    /// None after a failure, because closing is the safe way to roll back.
    connection: Option<OpenTx>,
    group: Option<Group>,
}

/// An open transaction, and those who wait for its commit.
struct Group {
    outcome: watch::Sender<CommitOutcome>,
    turns: usize,
    last: Turn,
}

type CommitOutcome = Option<Result<(), Arc<Error>>>;

#[derive(PartialEq)]
enum Turn {
    Kept,
    /// Refused, panicked or dropped in the middle. The next turn rolls it back.
    Unfinished,
}

impl Seat {
    async fn begin(&mut self, queue: &Arc<Queue<Seat>>) -> Result<watch::Receiver<CommitOutcome>, Error> {
        if self.is_closed {
            return Err(Error::PoolClosed);
        }
        if self.commits == Commits::Single && self.group.is_some() {
            self.commit().await;
        }
        let ready = match self.group.as_mut().map(|group| std::mem::replace(&mut group.last, Turn::Unfinished)) {
            Some(Turn::Kept) => self.run("release turn; savepoint turn").await,
            Some(Turn::Unfinished) => self.run("rollback to turn").await,
            None => Ok(()),
        };
        if let Err(error) = ready {
            self.finish(Err(error));
        }
        if self.group.is_none() {
            self.open_group(queue).await?;
        }
        let group = self.group.as_mut().expect("opened");
        group.turns += 1;
        Ok(group.outcome.subscribe())
    }

    async fn open_group(&mut self, queue: &Arc<Queue<Seat>>) -> Result<(), Error> {
        // it is ours alone until the transaction is open: if the caller hangs up while another process writes, the
        // connection is dropped with it, and the next caller gets a fresh one
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => OpenTx::new(connect(&self.options).await?, None, self.seals.clone()),
        };
        run(&mut connection, "begin immediate; savepoint turn").await?;
        self.connection = Some(connection);
        self.group = Some(Group { outcome: watch::channel(None).0, turns: 0, last: Turn::Unfinished });
        tokio::spawn(commit_when_quiet(queue.clone()));
        Ok(())
    }

    fn end(&mut self, keep: bool) {
        if let (Some(group), true) = (&mut self.group, keep) {
            group.last = Turn::Kept;
        }
    }

    async fn commit(&mut self) {
        let kept = self.group.as_ref().is_some_and(|group| group.last == Turn::Kept);
        let done = self.run(if kept { "commit" } else { "rollback to turn; commit" }).await;
        if let Some(group) = &self.group {
            metrics::group_committed(group.turns);
        }
        self.finish(done);
    }

    fn finish(&mut self, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.connection = None;
        }
        if let Some(group) = self.group.take() {
            group.outcome.send_replace(Some(outcome.map_err(Arc::new)));
        }
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        run(self.connection()?, sql).await
    }

    fn connection(&mut self) -> Result<&mut OpenTx, Error> {
        self.connection.as_mut().ok_or(Error::WorkerCrashed)
    }
}

/// Returns to the end of the queue until nobody has come in between, then commits.
async fn commit_when_quiet(queue: Arc<Queue<Seat>>) {
    let mut seen = 0;
    loop {
        let mut seat = queue.lock().await;
        match seat.group.as_ref().map(|group| group.turns) {
            Some(turns) if turns != seen && turns < GROUP => seen = turns,
            Some(_) => return seat.commit().await,
            None => return,
        }
    }
}

/// The connections that read. sqlx's own pool pings its worker thread before and after each use, which means three
/// hand-overs for one query.
struct Readers {
    options: Box<SqliteConnectOptions>,
    /// One for each permit, except those that were dropped in the middle of a read.
    idle: Mutex<Vec<Snapshot>>,
    free: Semaphore,
    size: usize,
}

impl Readers {
    async fn open(options: SqliteConnectOptions, n: usize) -> Result<Self, Error> {
        let mut idle = Vec::new();
        for _ in 0..n {
            idle.push(connect(&options).await?);
        }
        Ok(Self { options: Box::new(options), idle: Mutex::new(idle), free: Semaphore::new(n), size: n })
    }

    async fn take(&self) -> Result<Snapshot, Error> {
        let idle = self.idle().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => connect(&self.options).await,
        }
    }

    /// Closes the connections that are returned within a moment, and gives none out any more. Returns whether all were
    /// returned.
    async fn close(&self) -> bool {
        let all = u32::try_from(self.size).unwrap_or(u32::MAX);
        let permits = tokio::time::timeout(LAST_READS, self.free.acquire_many(all)).await;
        self.free.close();
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            if let Snapshot::Sqlite(connection) = connection {
                _ = connection.close().await;
            }
        }
        permits.is_ok()
    }

    fn give_back(&self, connection: Snapshot) {
        self.idle().push(connection);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Snapshot>> {
        self.idle.lock().expect("nothing panics while it is held")
    }
}

#[cfg(test)]
mod tests;
