//! PostgreSQL: connections that are given back whole or closed, limits on every wait, and writes that are run again
//! when the server took them back.

use super::{
    Error, Failure, OpenTx, Snapshot, open,
    outage::{LostAtCommit, breaks_the_connection, is_worth_a_retry},
    turns::{Turn, Turns},
};
use sqlx::{
    ConnectOptions, Executor, PgConnection, Postgres,
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

/// How many connections there may be, and how long anything may take. A time of `None` is for the server to limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At most; two at least.
    pub connections: u32,
    /// For a connection, and for an organization's turn.
    pub wait: Duration,
    /// For one statement; a whole transaction may take a little longer.
    pub statement: Option<Duration>,
    /// For a row that somebody else has locked.
    pub lock: Option<Duration>,
    /// Between two statements of a transaction: a process that stopped there holds its locks no longer.
    pub idle_in_transaction: Option<Duration>,
    /// Without a sign of life from this process, until the server asks whether it still is there.
    pub keep_alive: Option<Duration>,
}

impl Default for Limits {
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

impl Limits {
    /// For the operator's own commands: nobody waits for them, and they may read everything there is.
    pub fn unhurried() -> Self {
        Self { statement: None, ..Self::default() }
    }

    /// After which a server that does not answer is given up, connection and all.
    fn transaction(&self) -> Duration {
        const MARGIN: Duration = Duration::from_secs(2);
        self.statement.map_or(Duration::MAX, |statement| statement + MARGIN)
    }

    /// As the server calls them, each in milliseconds or seconds as it wants.
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

/// The default of PostgreSQL gives each statement a moment of its own.
const SNAPSHOT: &str = "begin isolation level repeatable read read only";
const WRITE: &str = "begin";
/// Times that a transaction is run again when the server took it back or the connection was lost.
const RETRIES: u32 = 5;
/// How long a connection that is given back may take to be in order again.
const TIDYING: Duration = Duration::from_secs(2);

/// The connections to one database, and who of this process may change what on them.
pub struct PostgresStore {
    pool: sqlx::PgPool,
    limits: Limits,
    turns: Arc<Turns>,
    /// Half of the connections, at most, wait for what other processes have locked.
    waits: Arc<Semaphore>,
    seals: Seals,
}

impl PostgresStore {
    /// Connects, and brings the tables up to date, for which no limit holds.
    pub async fn open(url: &str, limits: Limits, seals: Seals) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("vestibule");
        let mut first = timeout(limits.wait, options.connect()).await.map_err(|_| Error::PoolTimedOut)??;
        open::POSTGRES.run(&mut first).await?;
        drop(first);
        Self::connect(url, limits, seals).await
    }

    /// Connects to tables that are taken as they are.
    pub async fn connect(url: &str, limits: Limits, seals: Seals) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("vestibule").options(limits.options());
        let pool = PgPoolOptions::new().max_connections(limits.connections.max(2)).acquire_timeout(limits.wait);
        let waits = (limits.connections / 2).max(1);
        Ok(Self {
            pool: pool.connect_with(options).await?,
            limits,
            turns: Arc::default(),
            waits: Arc::new(Semaphore::new(waits as usize)),
            seals,
        })
    }

    /// Closes every connection once it is idle. What is asked later is refused.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// How many connections are used, and how many are idle.
    pub fn connections(&self) -> (usize, usize) {
        let (size, idle) = (usize::try_from(self.pool.size()).unwrap_or(usize::MAX), self.pool.num_idle());
        (size.saturating_sub(idle), idle)
    }

    /// Runs `work` in a transaction and commits it; again where the server took it back, the connection was lost, or it was
    /// not yet this process's turn. Fails with [`Error::PoolTimedOut`] when a limit is over.
    pub async fn write<T, E: Failure>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
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

    async fn try_write<T, E: Failure>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E>,
        turn: Option<Turn>,
    ) -> Attempt<T, E> {
        let begun = match self.begin(WRITE).await {
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
        let Snapshot::Postgres(connection) = &mut **tx else { unreachable!("it was made of one") };
        Attempt::Done(match worked {
            Ok(value) => connection.commit(self.limits.transaction()).await.map(|()| value).map_err(E::from),
            Err(error) => {
                connection.is_broken = error.of_store().is_some_and(breaks_the_connection);
                Err(error)
            }
        })
    }

    /// Runs `work` on a snapshot, again where the connection was lost.
    pub async fn read<T, E: Failure>(
        &self,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        let mut tries = Tries::new(self.limits.wait);
        loop {
            match self.try_read(work.clone()).await {
                Err(error) if tries.is_worth_another(&error).await => {}
                done => return done,
            }
        }
    }

    async fn try_read<T, E: Failure>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E>) -> Result<T, E> {
        let mut snapshot = Snapshot::Postgres(self.begin(SNAPSHOT).await?);
        let read = timeout(self.limits.transaction(), work(&mut snapshot)).await;
        let read = read.unwrap_or_else(|_| Err(Error::PoolTimedOut.into()));
        if let (Snapshot::Postgres(connection), Err(error)) = (&mut snapshot, &read) {
            connection.is_broken = error.of_store().is_some_and(breaks_the_connection);
        }
        // nothing to commit: it is rolled back when it is given back
        read
    }

    async fn begin(&self, sql: &'static str) -> Result<Borrowed, Error> {
        let waiting = metrics::waits_for_database(if sql == WRITE { Storing::Write } else { Storing::Read });
        let connection = Some(self.pool.acquire().await?);
        drop(waiting);
        let mut borrowed = Borrowed { connection, is_settled: false, is_broken: false };
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
    /// Nothing was done, since it is somebody else's turn in this organization.
    Waits(OrganizationId),
}

/// How often something was run again, and until when it may be.
struct Tries {
    count: u32,
    until: Instant,
}

impl Tries {
    fn new(limit: Duration) -> Self {
        Self { count: 0, until: Instant::now() + limit }
    }

    /// Whether to run it again; returns when the moment has come.
    async fn is_worth_another(&mut self, error: &impl Failure) -> bool {
        self.count += 1;
        let is_in_time = self.count <= RETRIES && Instant::now() < self.until;
        if !is_in_time || !error.of_store().is_some_and(is_worth_a_retry) {
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
    /// The organization whose turn this write has to wait for, without its connection.
    wanted: Option<OrganizationId>,
}

impl Locks {
    /// Takes this process's turn to change the organization. Fails when another has it: then the write ends, and begins
    /// again when its turn has come.
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

    /// Leave to wait, on this connection, for a lock that another process has. Fails when too many wait already.
    pub fn wait(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Error> {
        Arc::clone(&self.waits).try_acquire_owned().map_err(|_| Error::PoolTimedOut)
    }

    /// The organization whose turn has to be waited for, if that is why the write ended.
    pub fn wanted(&self) -> Option<OrganizationId> {
        self.wanted
    }
}

/// A connection inside a transaction. Dropped, it is rolled back and given to the next; where that is not to be had soon,
/// it is closed, so that no connection is ever lost to a server that does not answer.
pub struct Borrowed {
    connection: Option<PoolConnection<Postgres>>,
    is_settled: bool,
    is_broken: bool,
}

impl Borrowed {
    /// Keeps what was written. A connection that is lost here leaves open whether it was kept, so that nobody may run it
    /// again unasked.
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
    fn deref_mut(&mut self) -> &mut PgConnection {
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
    // what the pool does itself when a connection is dropped, for as long as it takes
    _ = timeout(TIDYING, connection.return_to_pool()).await;
}
