//! SQLite's single writer, with group commit.
//!
//! `write` runs closures one after another on the single write connection, inside one open transaction, and returns all
//! their results after one COMMIT. The caller runs its closure itself, in its own task, while it has the seat: closures
//! may borrow and are not boxed. The COMMIT is a task of its own, so a caller that hangs up takes nobody's result with
//! it.

mod checkpoints;

use super::{
    Commits, Error, OpenTx, Snapshot, TransactionError,
    direct::{DirectConnection, DirectOptions, blocking},
    outage::{Outage, Shared, outage},
    signals::Changed,
};
use checkpoints::Checkpoints;
use sqlx::Connection;
use std::{
    future::poll_fn,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    task::Poll,
    time::Duration,
};
use tokio::{
    sync::{Mutex as Queue, Semaphore, watch},
    time::{Instant, sleep, timeout, timeout_at},
};
use vestibule_domain::seal::Seals;
use vestibule_telemetry::{metrics, storing::Storing};

/// The most turns that share a commit. It limits how long the first one waits, and what is lost in a failure.
const GROUP: usize = 128;
/// How long to wait at the end for reads in progress: ours, and those of other processes.
const LAST_READS: Duration = Duration::from_secs(2);
/// One MiB of pages for each reading connection, which is half of SQLite's default: there are several, and the system
/// caches what they have read as well.
const CACHE: &str = "-1024";
/// How long somebody who has been given a connection may hold up the thread that has other tasks.
const TURN: Duration = Duration::from_millis(2);
/// How long to wait before looking again whether another process still writes: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LAST_PAUSE: Duration = Duration::from_millis(50);

/// The connections to a SQLite file: one that writes, and several that read.
pub struct SqliteStore {
    seat: Arc<Queue<Seat>>,
    readers: Readers,
    /// The most time to wait before a write or a read can begin.
    wait: Duration,
}

impl SqliteStore {
    pub fn open(
        options: DirectOptions,
        readers: usize,
        commits: Commits,
        wait: Duration,
        seals: Seals,
    ) -> Result<Self, Error> {
        // what a savepoint may have to bring back would be written to a file, a page at a time
        let writing = options.clone().busy_timeout(Duration::ZERO).pragma("temp_store", "memory");
        let checkpoints = Checkpoints::of(options.clone());
        let mut seat =
            Seat { connection: None, options: writing, commits, seals, checkpoints, group: None, is_closed: false };
        seat.connect()?;
        let readers = Readers::open(options.read_only().pragma("cache_size", CACHE), readers)?;
        Ok(Self { seat: Arc::new(Queue::new(seat)), readers, wait })
    }

    /// Runs the closure. What it wrote is on disk if this returns `Ok`, with what to tell of it, and none of it was kept
    /// if this returns `Err`.
    pub async fn write<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E>,
    ) -> Result<(T, Changed), E> {
        let (waiting, until) = (metrics::waits_for_database(Storing::Write), Instant::now() + self.wait);
        // served in order of arrival
        let mut seat = timeout_at(until, self.seat.lock()).await.map_err(|_| Error::PoolTimedOut)?;
        drop(waiting);
        let mut outcome = seat.begin(&self.seat, until).await?;
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
        self.readers.options.path()
    }

    /// Returns how many connections are reading, and how many are idle.
    pub fn readers(&self) -> (usize, usize) {
        let idle = self.readers.free.available_permits();
        (super::READERS.saturating_sub(idle), idle)
    }

    /// Runs `work` on a snapshot of one moment, that of its first query.
    pub async fn read<T, E: From<Error>>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E>) -> Result<T, E> {
        give_way().await;
        let waiting = metrics::waits_for_database(Storing::Read);
        let permit = timeout(self.wait, self.readers.free.acquire()).await.map_err(|_| Error::PoolTimedOut)?;
        let _permit = permit.map_err(|_| Error::PoolClosed)?;
        drop(waiting);
        let mut snapshot = self.readers.take()?;
        let file = of_file(&mut snapshot);
        file.taken(TURN);
        file.run("begin deferred")?;
        let result = work(&mut snapshot).await;
        of_file(&mut snapshot).run("rollback")?;
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
            blocking(|| seat.commit());
        }
        seat.is_closed = true;
        blocking(|| seat.checkpoints.close());
        let all_back = self.readers.close().await;
        let Some(Snapshot::Sqlite(mut connection)) = seat.connection.take().map(OpenTx::into_snapshot) else {
            return Ok(false);
        };
        connection.wait_for_others(LAST_READS)?;
        let (busy, _, _): (i64, i64, i64) =
            sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut *connection).await?;
        connection.close().await?;
        Ok(all_back && busy == 0)
    }
}

fn connect(options: &DirectOptions) -> Result<Snapshot, Error> {
    Ok(Snapshot::Sqlite(Box::new(options.open()?)))
}

/// Lets others go on first, once. Statements never wait, so that without this, whoever reads in a loop would let nobody
/// else of the same task go on.
async fn give_way() {
    let mut was_here = false;
    poll_fn(|context| {
        if std::mem::replace(&mut was_here, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Returns the connection itself.
fn of_file(snapshot: &mut Snapshot) -> &mut DirectConnection {
    match snapshot {
        Snapshot::Sqlite(connection) => connection,
        Snapshot::Postgres(_) => unreachable!("all connections here are to a file"),
    }
}

/// The right to use the write connection, for the task that has locked it.
struct Seat {
    options: DirectOptions,
    commits: Commits,
    seals: Seals,
    checkpoints: Checkpoints,
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
    /// Whether the turn that is on, or was the last, has a savepoint. The first has none: if it is refused, there is
    /// nothing that would have to be kept.
    has_savepoint: bool,
}

type CommitOutcome = Option<Result<(), Arc<Error>>>;

#[derive(PartialEq)]
enum Turn {
    Kept,
    /// Refused, panicked or dropped in the middle. The next turn rolls it back.
    Unfinished,
}

impl Seat {
    /// Begins a turn. Waits until then, at most, for another process that writes.
    async fn begin(
        &mut self,
        queue: &Arc<Queue<Seat>>,
        until: Instant,
    ) -> Result<watch::Receiver<CommitOutcome>, Error> {
        if self.is_closed {
            return Err(Error::PoolClosed);
        }
        if self.commits == Commits::Single {
            blocking(|| self.commit());
        }
        if let Err(error) = self.separate() {
            self.finish(Err(error));
        }
        if self.group.is_none() {
            self.open_group(queue, until).await?;
        }
        of_file(self.connection()?).taken(TURN);
        let group = self.group.as_mut().expect("opened");
        group.turns += 1;
        Ok(group.outcome.subscribe())
    }

    /// Makes the next turn one that can be undone without those before it, and undoes the last one if it was refused or
    /// dropped.
    fn separate(&mut self) -> Result<(), Error> {
        let Some(group) = &mut self.group else { return Ok(()) };
        match (std::mem::replace(&mut group.last, Turn::Unfinished), group.has_savepoint) {
            (Turn::Kept, true) => self.run("release turn")?,
            (Turn::Kept, false) => group.has_savepoint = true,
            (Turn::Unfinished, true) => return self.run("rollback to turn"),
            (Turn::Unfinished, false) => {
                self.commit();
                return Ok(());
            }
        }
        self.run("savepoint turn")
    }

    fn connect(&mut self) -> Result<(), Error> {
        let mut snapshot = connect(&self.options)?;
        of_file(&mut snapshot).keep_log();
        self.connection = Some(OpenTx::new(snapshot, None, self.seals.clone()));
        Ok(())
    }

    async fn open_group(&mut self, queue: &Arc<Queue<Seat>>, until: Instant) -> Result<(), Error> {
        if self.connection.is_none() {
            self.connect()?;
        }
        self.begin_transaction(until).await?;
        let outcome = watch::channel(None).0;
        self.group = Some(Group { outcome, turns: 0, last: Turn::Unfinished, has_savepoint: false });
        tokio::spawn(commit_when_quiet(queue.clone()));
        Ok(())
    }

    /// Begins a transaction, once no other process writes. The wait is not SQLite's, so that a caller who does not want
    /// to wait any longer can leave.
    async fn begin_transaction(&mut self, until: Instant) -> Result<(), Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.run("begin immediate") {
                Err(error) if outage(&error) == Some(Outage::Unanswered) && Instant::now() < until => {
                    sleep(pause).await;
                }
                begun => return begun,
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    fn end(&mut self, keep: bool) {
        if let (Some(group), true) = (&mut self.group, keep) {
            group.last = Turn::Kept;
        }
    }

    fn commit(&mut self) {
        let Some(group) = &self.group else { return };
        metrics::group_committed(group.turns);
        let done = match (&group.last, group.has_savepoint) {
            (Turn::Kept, _) => self.run("commit"),
            (Turn::Unfinished, true) => self.run("rollback to turn").and_then(|()| self.run("commit")),
            (Turn::Unfinished, false) => self.roll_back(),
        };
        self.finish(done);
        if let Some(connection) = &mut self.connection {
            self.checkpoints.committed(of_file(connection));
        }
    }

    /// Ends the transaction and keeps nothing. SQLite has ended it already if its disk is full or broken.
    fn roll_back(&mut self) -> Result<(), Error> {
        if of_file(self.connection()?).is_in_transaction() { self.run("rollback") } else { Ok(()) }
    }

    fn finish(&mut self, outcome: Result<(), Error>) {
        if outcome.is_err() {
            self.connection = None;
        }
        if let Some(group) = self.group.take() {
            group.outcome.send_replace(Some(outcome.map_err(Arc::new)));
        }
    }

    fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        of_file(self.connection()?).run(sql)
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
            Some(_) => return blocking(|| seat.commit()),
            None => return,
        }
    }
}

/// The connections that read.
struct Readers {
    options: DirectOptions,
    /// One for each permit, except those that were dropped in the middle of a read.
    idle: Mutex<Vec<Snapshot>>,
    free: Semaphore,
    size: usize,
}

impl Readers {
    /// Opens the first, which shows whether it can be opened; the others are opened when they are wanted.
    fn open(options: DirectOptions, n: usize) -> Result<Self, Error> {
        let idle = vec![connect(&options)?];
        Ok(Self { options, idle: Mutex::new(idle), free: Semaphore::new(n), size: n })
    }

    fn take(&self) -> Result<Snapshot, Error> {
        let idle = self.idle().pop();
        idle.map_or_else(|| blocking(|| connect(&self.options)), Ok)
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
