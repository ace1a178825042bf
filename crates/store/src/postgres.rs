//! PostgreSQL: connections that are returned in order or closed, limits on every wait, and writes that are repeated if
//! the server rolled them back.

use super::{
    Error, OpenTx, Snapshot, TransactionError, open,
    outage::{LostAtCommit, breaks_the_connection, is_worth_a_retry},
    signals::Changed,
    turns::{Turn, Turns},
};
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    ops::{Deref, DerefMut},
    str::FromStr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};
use vestibule_domain::{OrganizationId, seal::Seals};
use vestibule_telemetry::{metrics, storing::Storing};

/// How many connections there may be, and how long anything may take. `None` leaves a limit to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// The most connections, at least two.
    pub connections: u32,
    /// The most time to wait for a connection, and for an organization's turn.
    pub wait: Duration,
    /// The most time for one statement. A whole transaction may take a little longer.
    pub statement: Option<Duration>,
    /// The most time to wait for a row that somebody else has locked.
    pub lock: Option<Duration>,
    /// The most time between two statements of a transaction: a process that has stopped there loses its locks.
    pub idle_in_transaction: Option<Duration>,
    /// The time without a sign of life from this process after which the server checks whether it still exists.
    pub keep_alive: Option<Duration>,
}

impl Default for PoolLimits {
    fn default() -> Self {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        Self {
            connections: 20,
            wait: Duration::from_secs(5),
            statement: seconds(10),
            lock: seconds(5),
            idle_in_transaction: seconds(3),
            keep_alive: seconds(10),
        }
    }
}

impl PoolLimits {
    /// Returns the limits for the operator's own commands: nobody waits for them, and they may read everything.
    pub fn unhurried() -> Self {
        Self { statement: None, ..Self::default() }
    }

    /// Returns the time after which a server that does not answer is given up, together with the connection.
    fn transaction(&self) -> Duration {
        const MARGIN: Duration = Duration::from_secs(2);
        self.statement.map_or(Duration::MAX, |statement| statement + MARGIN)
    }

    /// Returns the limits under the server's names, each in milliseconds or seconds as the server wants.
    fn options(&self) -> Vec<(&'static str, String)> {
        let millis =
            |(name, limit): (&'static str, Option<Duration>)| limit.map(|limit| (name, limit.as_millis().to_string()));
        let limits = [
            ("statement_timeout", self.statement),
            ("lock_timeout", self.lock),
            ("idle_in_transaction_session_timeout", self.idle_in_transaction),
        ];
        let seconds = self.keep_alive.map(|idle| idle.as_secs().max(1));
        let alive = seconds.into_iter().flat_map(|idle| {
            let user_timeout = (idle * 1_000 + 3 * 5_000).to_string();
            [
                ("tcp_keepalives_idle", idle.to_string()),
                ("tcp_keepalives_interval", "5".to_owned()),
                ("tcp_keepalives_count", "3".to_owned()),
                ("tcp_user_timeout", user_timeout),
            ]
        });
        limits.into_iter().filter_map(millis).chain(alive).collect()
    }
}

/// Whether the migration made the function for it.
const HAS_THREES: &str = "select exists (select 1 from pg_proc
    where proname = 'threes_of' and pronamespace = current_schema()::regnamespace)";
/// Sets the isolation, because PostgreSQL's default gives each statement a snapshot of its own.
const SNAPSHOT: &str = "begin isolation level repeatable read read only";
const WRITE: &str = "begin";
/// How often a transaction is repeated if the server rolled it back or the connection was lost.
const RETRIES: u32 = 5;
/// How long a connection may have been idle and still be used without asking whether it is there. If it is not, what was
/// asked on it is repeated.
const QUIET: Duration = Duration::from_secs(1);
/// The most time for putting a returned connection in order.
const TIDYING: Duration = Duration::from_secs(2);

/// The connections to one database, and the turns of this process to write on them.
pub struct PostgresStore {
    pool: sqlx::PgPool,
    limits: PoolLimits,
    turns: Arc<Turns>,
    /// At most half of the connections wait for what other processes have locked.
    waits: Arc<Semaphore>,
    seals: Seals,
    has_threes: bool,
}

impl PostgresStore {
    /// Connects, and brings the tables up to date, without a time limit for that.
    pub async fn open(url: &str, limits: PoolLimits, seals: Seals) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("vestibule");
        let mut first = timeout(limits.wait, options.connect()).await.map_err(|_| Error::PoolTimedOut)??;
        open::POSTGRES.run(&mut first).await?;
        drop(first);
        Self::connect(url, limits, seals).await
    }

    /// Connects without changing the tables.
    pub async fn connect(url: &str, limits: PoolLimits, seals: Seals) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("vestibule").options(limits.options());
        let pool = PgPoolOptions::new().max_connections(limits.connections.max(2)).acquire_timeout(limits.wait);
        let pool = pool.test_before_acquire(false).before_acquire(|connection, idle| {
            Box::pin(async move { Ok(idle.idle_for < QUIET || connection.ping().await.is_ok()) })
        });
        let waits = (limits.connections / 2).max(1);
        let pool = pool.connect_with(options).await?;
        Ok(Self {
            has_threes: sqlx::query_scalar(HAS_THREES).fetch_one(&pool).await?,
            pool,
            limits,
            turns: Arc::default(),
            waits: Arc::new(Semaphore::new(waits as usize)),
            seals,
        })
    }

    /// Closes every connection once it is idle. Later requests are refused.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Returns how many connections are used, and how many are idle.
    pub fn connections(&self) -> (usize, usize) {
        let (size, idle) = (usize::try_from(self.pool.size()).unwrap_or(usize::MAX), self.pool.num_idle());
        (size.saturating_sub(idle), idle)
    }

    /// Runs `work` in a transaction and commits it. Repeats it if the server rolled it back, the connection was lost,
    /// or it was not this write's turn yet. Returns [`Error::PoolTimedOut`] when a limit is reached.
    pub async fn write<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E> + Clone,
    ) -> Result<(T, Changed), E> {
        let (mut tries, mut turn, until) = (Tries::new(self.limits.wait), None, Instant::now() + self.limits.wait);
        loop {
            match self.try_write(work.clone(), turn.take()).await {
                Attempt::Done(Err(error)) if tries.is_worth_another(&error).await => {}
                Attempt::Done(done) => return done,
                Attempt::Waits(organization_id) => {
                    let left = until.saturating_duration_since(Instant::now());
                    let _waiting = metrics::waits_for_database(Storing::Write);
                    turn = Some(self.turns.take(organization_id, left).await?);
                }
            }
        }
    }

    async fn try_write<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E>,
        turn: Option<Turn>,
    ) -> Attempt<(T, Changed), E> {
        let begun = match self.begin(Some(WRITE)).await {
            Ok(begun) => begun,
            Err(error) => return Attempt::Done(Err(error.into())),
        };
        let locks = Locks { turns: Arc::clone(&self.turns), turn, waits: Arc::clone(&self.waits), wanted: None };
        let mut tx = OpenTx::new(Snapshot::Postgres(begun), Some(locks), self.seals.clone());
        let worked = match timeout(self.limits.transaction(), work(&mut tx)).await {
            Ok(worked) => worked,
            Err(_) => Err(Error::PoolTimedOut.into()),
        };
        if let Some(organization_id) = tx.wanted() {
            return Attempt::Waits(organization_id);
        }
        let changed = tx.take_changed();
        let Snapshot::Postgres(connection) = &mut **tx else { unreachable!("it was made of one") };
        Attempt::Done(match worked {
            Ok(value) => connection.commit(self.limits.transaction()).await.map(|()| (value, changed)).map_err(E::from),
            Err(error) => {
                connection.is_broken = error.store_error().is_some_and(breaks_the_connection);
                Err(error)
            }
        })
    }

    /// Runs `work` on a snapshot, and repeats it if the connection was lost.
    pub async fn read<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        self.read_in(Some(SNAPSHOT), work).await
    }

    /// Does the same for `work` that sends one statement and no more.
    pub async fn read_one<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        self.read_in(None, work).await
    }

    async fn read_in<T, E: TransactionError>(
        &self,
        begin: Option<&'static str>,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        let mut tries = Tries::new(self.limits.wait);
        loop {
            match self.try_read(begin, work.clone()).await {
                Err(error) if tries.is_worth_another(&error).await => {}
                done => return done,
            }
        }
    }

    async fn try_read<T, E: TransactionError>(
        &self,
        begin: Option<&'static str>,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut snapshot = Snapshot::Postgres(self.begin(begin).await?);
        let read = timeout(self.limits.transaction(), work(&mut snapshot)).await;
        let read = read.unwrap_or_else(|_| Err(Error::PoolTimedOut.into()));
        if let (Snapshot::Postgres(connection), Err(error)) = (&mut snapshot, &read) {
            connection.is_broken = error.store_error().is_some_and(breaks_the_connection);
        }
        // nothing to commit: it is rolled back when it is returned
        read
    }

    /// Takes a connection, and begins a transaction on it. Without one, it is good for one statement.
    async fn begin(&self, sql: Option<&'static str>) -> Result<Borrowed, Error> {
        let waiting = metrics::waits_for_database(if sql == Some(WRITE) { Storing::Write } else { Storing::Read });
        let connection = Some(self.pool.acquire().await?);
        drop(waiting);
        let (has_threes, is_settled) = (self.has_threes, sql.is_none());
        let mut borrowed = Borrowed { connection, is_settled, is_broken: false, asked: 0, has_threes };
        let Some(sql) = sql else { return Ok(borrowed) };
        let begun = timeout(self.limits.transaction(), borrowed.execute(sql)).await;
        match begun.unwrap_or(Err(Error::PoolTimedOut)) {
            Ok(_) => Ok(borrowed),
            Err(error) => {
                borrowed.is_broken = true;
                Err(error)
            }
        }
    }
}

enum Attempt<T, E> {
    Done(Result<T, E>),
    /// Nothing was done, because it is another write's turn in this organization.
    Waits(OrganizationId),
}

/// How often something was repeated, and until when it may be.
struct Tries {
    count: u32,
    until: Instant,
}

impl Tries {
    fn new(limit: Duration) -> Self {
        Self { count: 0, until: Instant::now() + limit }
    }

    /// Decides whether to repeat it, and waits until then.
    async fn is_worth_another(&mut self, error: &impl TransactionError) -> bool {
        self.count += 1;
        let is_in_time = self.count <= RETRIES && Instant::now() < self.until;
        if !is_in_time || !error.store_error().is_some_and(is_worth_a_retry) {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(1..20 << self.count))).await;
        true
    }
}

/// What a write may lock, and how.
pub struct Locks {
    turns: Arc<Turns>,
    turn: Option<Turn>,
    waits: Arc<Semaphore>,
    /// The organization for whose turn this write has to wait, without its connection.
    wanted: Option<OrganizationId>,
}

impl Locks {
    /// Takes this process's turn to change the organization. Returns an error if another write has it: then this write
    /// ends, and starts again when its turn has come.
    pub fn take_turn(&mut self, organization_id: OrganizationId) -> Result<(), Error> {
        if self.turn.as_ref().is_some_and(|turn| turn.organization_id == organization_id) {
            return Ok(());
        }
        match self.turns.take_free(organization_id) {
            Some(turn) => {
                self.turn = Some(turn);
                Ok(())
            }
            None => {
                self.wanted = Some(organization_id);
                Err(Error::PoolTimedOut)
            }
        }
    }

    /// Returns a permit to wait, on this connection, for a lock that another process has. Returns an error if too many
    /// wait already.
    pub fn wait(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Error> {
        Arc::clone(&self.waits).try_acquire_owned().map_err(|_| Error::PoolTimedOut)
    }

    /// Returns the organization whose turn has to be waited for, if that is why the write ended.
    pub fn wanted(&self) -> Option<OrganizationId> {
        self.wanted
    }
}

/// A connection inside a transaction, or for one statement. When this is dropped, the transaction is rolled back and the
/// connection returned to the pool. If that takes too long, it is closed, so that no connection is lost to a server that
/// does not answer.
pub struct Borrowed {
    connection: Option<PoolConnection<Postgres>>,
    /// Whether there is nothing to roll back: it was committed, or there is no transaction.
    is_settled: bool,
    is_broken: bool,
    /// How many statements were sent without a transaction.
    asked: u32,
    /// Whether texts are found by threes of letters as words, because the extension for it could not be had.
    pub(super) has_threes: bool,
}

impl Borrowed {
    /// Commits what was written. If the connection is lost meanwhile, it is unknown whether this succeeded, so nobody
    /// may repeat it without being asked to.
    async fn commit(&mut self, limit: Duration) -> Result<(), Error> {
        let committed = timeout(limit, self.execute("commit")).await.unwrap_or(Err(Error::PoolTimedOut));
        self.is_settled = committed.is_ok();
        committed.map(drop).map_err(|error| {
            self.is_broken = true;
            match breaks_the_connection(&error) || matches!(error, Error::PoolTimedOut) {
                true => Error::AnyDriverError(Box::new(LostAtCommit(error))),
                false => error,
            }
        })
    }
}

impl Deref for Borrowed {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("there until it is dropped")
    }
}

impl DerefMut for Borrowed {
    /// Panics at the second statement without a transaction, because the two would not be of one moment.
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.asked += u32::from(self.is_settled);
        assert!(self.asked <= 1, "a read that promised one statement sends another one");
        self.connection.as_mut().expect("there until it is dropped")
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.is_broken {
            drop(connection.detach());
        } else {
            tokio::spawn(give_back(connection, self.is_settled));
        }
    }
}

async fn give_back(mut connection: PoolConnection<Postgres>, is_settled: bool) {
    if !is_settled && !matches!(timeout(TIDYING, connection.execute("rollback")).await, Ok(Ok(_))) {
        drop(connection.detach());
        return;
    }
    // what the pool does itself when a connection is dropped, but without a time limit
    _ = timeout(TIDYING, connection.return_to_pool()).await;
}
