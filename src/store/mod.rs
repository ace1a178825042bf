//! The store: the only place that names sqlx. Every query is written once and runs on SQLite and on PostgreSQL.
//!
//! What keeps one text valid on both:
//! 1. lower-case SQL, `$1..$n`, explicit columns; no `now()`, `ilike`, `::cast`, `= any($1)`, serial keys;
//! 2. every instant is bound, in whole microseconds; SQLite keeps RFC 3339 text in UTC, whose order is time's;
//! 3. ids are uuid v7 that the service makes;
//! 4. JSON columns are opaque: read and written whole;
//! 5. addresses are in their normal form before they come here;
//! 6. a write that concerns an organization locks its row first ([`Tx::lock_organization`]), so that what is read
//!    afterwards stays true until the commit, on PostgreSQL too;
//! 7. what is read to be shown is read from a [`Snapshot`], all of it as it was at one moment: what one answer says of
//!    rows and of their number is read in one [`Store::read`]. Queries that only read are the snapshot's, and a
//!    [`Tx`] may ask them as well; what writes is the [`Tx`]'s alone;
//! 8. what truly differs has a name in this file ([`Tx::for_update`], [`Tx::by_bytes`]);
//! 9. `is_unique_violation()` is asked at the one statement that can cause it.

mod api_keys;
mod audit;
mod chain;
mod check;
mod close;
mod deliveries;
mod dependents;
mod endpoints;
mod events;
mod idempotency;
mod installation;
mod invitations;
mod lock;
mod mails;
mod members;
pub mod open;
mod organizations;
mod rate_limits;
mod reminders;
mod replay;
mod resources;
mod roles;
mod sessions;
mod slices;
mod tickets;
mod users;
mod visits;
mod writer;

pub use audit::Narrowed;
pub use check::Fault;
pub use dependents::{OfferGroup, UnfinishedCut};
pub use idempotency::IdempotencyRow;
pub use lock::{FileLock, Purpose};
pub use members::Joining;
pub use rate_limits::{RateLimitKey, Taking};
pub use reminders::Reminder;
pub use replay::Compared;
pub use sessions::SessionRow;
pub use sqlx::Error;
pub use visits::VisitRow;

use crate::domain::seal::Seals;
use crate::private;
use sqlx::{
    ConnectOptions, Postgres, SqliteConnection, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    str::FromStr,
    sync::Mutex,
    time::Duration,
};
use tokio::sync::watch;
use writer::SqliteStore;

/// One database, of either kind. Cheap to share behind an `Arc`.
pub struct Store {
    database: Database,
    /// counts the successful writes of this process: a reason to look, never what was written
    changes: watch::Sender<u64>,
    seals: Seals,
    /// of the process that serves, on SQLite
    lock: Mutex<Option<FileLock>>,
}

enum Database {
    Sqlite(SqliteStore),
    Postgres(sqlx::PgPool),
}

/// A connection that reads inside one transaction, so that everything it is asked is answered as of one moment: that of
/// the first question. What others commit meanwhile is not seen.
pub enum Snapshot {
    Sqlite(Box<SqliteConnection>),
    Postgres(Transaction<'static, Postgres>),
}

/// A connection inside a transaction that writes; it reads as a [`Snapshot`] does, and sees its own writes. On SQLite
/// many turns share one transaction, see `writer`; on PostgreSQL the organization's lock keeps what is read true.
pub struct Tx(Snapshot, Seals);

impl Deref for Tx {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Snapshot {
        &mut self.0
    }
}

/// What the error of a write must tell: whether it came from the database, and so may be worth another try.
pub trait Failure: From<Error> {
    fn of_store(&self) -> Option<&Error>;
}

impl Failure for Error {
    fn of_store(&self) -> Option<&Error> {
        Some(self)
    }
}

/// How writes reach the disk on SQLite. One commit for each write is there to be measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    Grouped,
    Single,
}

/// Runs the same body on whichever connection this is.
macro_rules! on {
    ($tx:expr, |$connection:ident| $body:expr) => {
        match $crate::store::Snapshot::itself($tx) {
            $crate::store::Snapshot::Sqlite(connection) => {
                let $connection = &mut **connection;
                $body
            }
            $crate::store::Snapshot::Postgres(connection) => {
                let $connection = &mut **connection;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Connections that read side by side on SQLite.
const READERS: usize = 8;
/// The default of PostgreSQL gives each statement a moment of its own.
const SNAPSHOT: &str = "begin isolation level repeatable read read only";
/// Times that a write is run again when PostgreSQL took it back or the connection was lost.
const RETRIES: u32 = 5;

impl Store {
    /// Opens `sqlite:path` or `postgres://…` and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Commits::Grouped).await
    }

    /// The file that holds the database, if this address is SQLite's.
    pub fn file_of(url: &str) -> Option<&Path> {
        url.strip_prefix("sqlite:").map(|path| Path::new(path.trim_start_matches("//")))
    }

    pub async fn open_with(url: &str, commits: Commits) -> Result<Self, Error> {
        let seals = Seals::default();
        let database = match Self::file_of(url) {
            Some(path) => Database::Sqlite(open_sqlite(path, commits, seals.clone()).await?),
            None => Database::Postgres(open_postgres(url).await?),
        };
        Ok(Self { database, changes: watch::Sender::new(0), seals, lock: Mutex::default() })
    }

    /// Runs `work` in a transaction of its own; what it wrote is on disk when this is `Ok`, and undone when it is
    /// `Err`. `work` must be short and have no effect but on the database: others wait for it, and on PostgreSQL it
    /// may run again: hence `Clone`, which a closure that only borrows has. (`AsyncFn` would say the same, but the
    /// futures of such closures are not known to be `Send`.)
    pub async fn write<T, E: Failure>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T, E> + Clone) -> Result<T, E> {
        let result = match &self.database {
            Database::Sqlite(sqlite) => sqlite.write(work).await,
            Database::Postgres(pool) => write_postgres(pool, &self.seals, work).await,
        };
        if result.is_ok() {
            self.changes.send_modify(|count| *count += 1);
        }
        result
    }

    /// Runs `work` on a snapshot: all that it reads is of one moment, whoever writes meanwhile, and it cannot write.
    pub async fn read<T, E: From<Error>>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E>) -> Result<T, E> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.read(work).await,
            // ends when it is dropped: there is nothing to commit
            Database::Postgres(pool) => work(&mut Snapshot::Postgres(pool.begin_with(SNAPSHOT).await?)).await,
        }
    }

    /// Changes whenever this process has written something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.read(async |tx| on!(tx, |c| sqlx::query("select 1").execute(c).await.map(drop))).await.is_ok()
    }
}

impl Snapshot {
    /// For `on!`: a [`Tx`] becomes what it reads as.
    fn itself(&mut self) -> &mut Self {
        self
    }

    /// The clause that keeps a row for this transaction; SQLite has one writer and needs none.
    fn for_update<'a>(&self, plain: &'a str, locking: &'a str) -> &'a str {
        match self {
            Self::Sqlite(_) => plain,
            Self::Postgres(_) => locking,
        }
    }

    /// The column to sort text by: PostgreSQL has to be told that bytes are meant, and no language.
    fn by_bytes<'a>(&self, plain: &'a str, collated: &'a str) -> &'a str {
        match self {
            Self::Sqlite(_) => plain,
            Self::Postgres(_) => collated,
        }
    }
}

async fn open_sqlite(path: &Path, commits: Commits, seals: Seals) -> Result<SqliteStore, Error> {
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // what is acknowledged is on disk, also after a power cut
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10));
    let mut connection = options.connect().await?;
    open::SQLITE.run(&mut connection).await?;
    sqlx::Connection::close(connection).await?;
    SqliteStore::open(options, READERS, commits, seals).await
}

/// The database's file, before SQLite would make one that others can read; what it makes beside it, it makes alike.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private::make_folder(folder)?;
    }
    match private::make_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                private::keep_file(Path::new(&name));
            }
            Ok(())
        }
        made => made.map(drop),
    }
}

async fn open_postgres(url: &str) -> Result<sqlx::PgPool, Error> {
    let pool = connect_postgres(url).await?;
    open::POSTGRES.run(&pool).await?;
    Ok(pool)
}

async fn connect_postgres(url: &str) -> Result<sqlx::PgPool, Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("vestibule");
    PgPoolOptions::new().max_connections(20).acquire_timeout(Duration::from_secs(30)).connect_with(options).await
}

async fn write_postgres<T, E: Failure>(
    pool: &sqlx::PgPool,
    seals: &Seals,
    work: impl AsyncFnOnce(&mut Tx) -> Result<T, E> + Clone,
) -> Result<T, E> {
    let mut tries = 0;
    loop {
        let error = match try_postgres(pool, seals, work.clone()).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        tries += 1;
        if tries > RETRIES || !error.of_store().is_some_and(is_worth_a_retry) {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(1..20 << tries))).await;
    }
}

async fn try_postgres<T, E: Failure>(
    pool: &sqlx::PgPool,
    seals: &Seals,
    work: impl AsyncFnOnce(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut tx = Tx(Snapshot::Postgres(pool.begin().await?), seals.clone());
    let value = work(&mut tx).await?;
    if let Tx(Snapshot::Postgres(transaction), _) = tx {
        // a connection lost here leaves open whether it was committed, so the answer must not be "run it again"
        transaction.commit().await.map_err(|error| match error {
            Error::Io(cause) => Error::Protocol(format!("the connection was lost at commit: {cause}")),
            error => error,
        })?;
    }
    Ok(value)
}

/// Serialization failure, deadlock, or a connection that broke before anything was committed.
fn is_worth_a_retry(error: &Error) -> bool {
    match error {
        Error::Database(error) => matches!(error.code().as_deref(), Some("40001" | "40P01")),
        Error::Io(_) => true,
        _ => false,
    }
}

/// Whether the database refused what it was given to keep or to look for: a character, a number or a moment that it
/// does not know, or more than a statement or an index takes.
pub fn is_of_content(error: &Error) -> bool {
    let Error::Database(error) = error else { return false };
    match error.code().as_deref() {
        // a character, a text of JSON, a number, a moment; an entry of an index, a statement
        Some("22021" | "22P05" | "22003" | "22008" | "54000" | "54001") => true,
        // SQLite tells these by their words alone
        Some("1" | "18") => OF_CONTENT.iter().any(|words| error.message().contains(words)),
        _ => false,
    }
}

const OF_CONTENT: [&str; 4] = [
    "Expression tree is too large",
    "too many SQL variables",
    "LIKE or GLOB pattern too complex",
    "string or blob too big",
];

/// Ids in one text column, each between spaces.
fn join_ids<I: ToString>(ids: &[I]) -> String {
    ids.iter().fold(String::from(" "), |text, id| text + &id.to_string() + " ")
}

fn split_ids<I: FromStr>(text: &str) -> Vec<I> {
    text.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// A pattern for `like … escape '\'` that finds `text` anywhere.
fn containing(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Columns are written by this program alone, so what cannot be read is a corrupt database.
fn corrupt(column: &str) -> Error {
    Error::Decode(format!("the column {column} holds what was never written there").into())
}
