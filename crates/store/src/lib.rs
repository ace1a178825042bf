//! The store: the only place that names sqlx. Every query is written once and runs on SQLite and on PostgreSQL.
//!
//! What keeps one text valid on both:
//! 1. lower-case SQL, `$1..$n`, explicit columns; no `now()`, `ilike`, `::cast`, `= any($1)`, serial keys;
//! 2. every instant is bound, in whole microseconds; SQLite keeps RFC 3339 text in UTC, whose order is time's;
//! 3. ids are uuid v7 that the service makes;
//! 4. JSON columns are opaque: read and written whole;
//! 5. addresses are in their normal form before they come here;
//! 6. a write that concerns an organization locks its row first ([`OpenTx::lock_organization`]), so that what is read
//!    afterwards stays true until the commit, on PostgreSQL too; without the lock there is no [`LockedTx`], and without
//!    that no event;
//! 7. what is read to be shown is read from a [`Snapshot`], all of it as it was at one moment: what one answer says of
//!    rows and of their number is read in one [`Store::read`]. Queries that only read are the snapshot's, and a
//!    [`Tx`] may ask them as well; what writes is the [`Tx`]'s alone;
//! 8. what truly differs has a name in this file ([`Tx::for_update`], [`Tx::by_bytes`]);
//! 9. `is_unique_violation()` is asked at the one statement that can cause it.

mod api_keys;
mod audit;
pub mod backup;
mod chain;
mod check;
mod close;
mod compare;
mod deliveries;
mod delivery_leases;
mod dependents;
mod endpoints;
mod erasures;
mod events;
mod hold;
mod idempotency;
mod installation;
mod invitations;
mod lease;
mod lock;
mod mail_leases;
mod mails;
mod members;
pub mod migrate_db;
pub mod open;
mod organizations;
mod outage;
mod personal_data;
mod postgres;
pub mod private;
mod probe;
mod queues;
mod rate_limits;
mod redactions;
mod reminders;
mod replay;
mod resources;
mod roles;
mod sessions;
mod slices;
mod tickets;
mod transfer;
mod turns;
mod users;
mod visits;
mod writer;

pub use audit::Narrowed;
pub use backup::CopyRefused;
pub use check::CheckOptions;
pub use compare::{Findings, Totals};
pub use dependents::{OfferGroup, UnfinishedCut};
pub use erasures::ErasureRow;
pub use hold::{HeldCounts, HeldMail, Hold};
pub use idempotency::IdempotencyRow;
pub use lease::Lease;
pub use lock::{FileLock, Purpose};
pub use mail_leases::LeasedMail;
pub use members::Joining;
pub use outage::{Outage, outage};
pub use personal_data::{DeliveryOf, MailOf, Sought, VisitOf};
pub use postgres::Limits;
pub use queues::Waits;
pub use rate_limits::{RateLimitKey, Taking};
pub use redactions::Placed;
pub use reminders::Reminder;
pub use sessions::SessionRow;
pub use sqlx::Error;
pub use visits::VisitRow;

use postgres::{Locks, PostgresStore};
use sqlx::{
    ConnectOptions, SqliteConnection,
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
use vestibule_domain::{OrganizationId, seal::Seals};
use writer::SqliteStore;

/// One database, of either kind. Cheap to share behind an `Arc`.
pub struct Store {
    database: Database,
    /// counts the successful writes of this process: a reason to look, never what was written
    changes: watch::Sender<u64>,
    probe: probe::Probe,
    seals: Seals,
    /// of the process that serves, on SQLite
    lock: Mutex<Option<FileLock>>,
}

enum Database {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// A connection that reads inside one transaction, so that everything it is asked is answered as of one moment: that of
/// the first question. What others commit meanwhile is not seen.
pub enum Snapshot {
    Sqlite(Box<SqliteConnection>),
    Postgres(postgres::Borrowed),
}

/// A connection inside a transaction that writes; it reads as a [`Snapshot`] does, and sees its own writes. On SQLite
/// many turns share one transaction, see `writer`; on PostgreSQL the organization's lock keeps what is read true.
pub struct Tx(Snapshot, Seals);

/// A [`Tx`] in which an organization's row is locked: here alone events are recorded, so that what is recorded is never
/// in the way of a lock that is still to come. [`OpenTx::lock_organization`] gives it.
pub struct LockedTx {
    tx: Tx,
    organization_id: Option<OrganizationId>,
}

/// A [`Tx`] as it begins. What concerns an organization locks it first.
pub struct OpenTx {
    locked: LockedTx,
    /// none on SQLite, where one writes at a time
    locks: Option<Locks>,
}

impl OpenTx {
    fn new(snapshot: Snapshot, locks: Option<Locks>, seals: Seals) -> Self {
        Self { locked: LockedTx { tx: Tx(snapshot, seals), organization_id: None }, locks }
    }

    /// The connection by itself.
    fn into_snapshot(self) -> Snapshot {
        self.locked.tx.0
    }

    /// The organization that this write has to wait for before it can begin.
    fn wanted(&self) -> Option<OrganizationId> {
        self.locks.as_ref().and_then(Locks::wanted)
    }
}

impl LockedTx {
    /// The organization that is locked.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization_id.expect("only what has locked one is given this")
    }
}

impl Deref for OpenTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.locked.tx
    }
}

impl DerefMut for OpenTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.locked.tx
    }
}

impl Deref for LockedTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for LockedTx {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

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
        match $crate::Snapshot::itself($tx) {
            $crate::Snapshot::Sqlite(connection) => {
                let $connection = &mut **connection;
                $body
            }
            $crate::Snapshot::Postgres(connection) => {
                let $connection = &mut **connection;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Removes a table's rows that are over, at most as many as the last parameter says. Rows that somebody else has locked
/// are left for the next time: two that remove at once are not in each other's way.
macro_rules! prune {
    ($tx:expr, $table:literal, $key:literal, $over:literal, $limit:literal) => {
        $tx.for_update(
            $crate::prune!(@sql $table, $key, $over, $limit, ")"),
            $crate::prune!(@sql $table, $key, $over, $limit, " for update skip locked)"),
        )
    };
    (@sql $table:literal, $key:literal, $over:literal, $limit:literal, $end:literal) => {
        concat!(
            "delete from ", $table, " where (", $key, ") in (select ", $key, " from ", $table, " where ", $over, " limit ",
            $limit, $end
        )
    };
}
pub(crate) use prune;

/// Connections that read side by side on SQLite.
const READERS: usize = 8;
impl Store {
    /// Opens `sqlite:path` or `postgres://…` and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Commits::Grouped, Limits::default()).await
    }

    /// The file that holds the database, if this address is SQLite's.
    pub fn file_of(url: &str) -> Option<&Path> {
        url.strip_prefix("sqlite:").map(|path| Path::new(path.trim_start_matches("//")))
    }

    pub async fn open_with(url: &str, commits: Commits, limits: Limits) -> Result<Self, Error> {
        let seals = Seals::default();
        let database = match Self::file_of(url) {
            Some(path) => Database::Sqlite(open_sqlite(path, commits, limits.wait, seals.clone()).await?),
            None => Database::Postgres(PostgresStore::open(url, limits, seals.clone()).await?),
        };
        Ok(Self::of(database, seals))
    }

    fn of(database: Database, seals: Seals) -> Self {
        let (changes, probe) = (watch::Sender::new(0), probe::Probe::default());
        Self { database, changes, probe, seals, lock: Mutex::default() }
    }

    /// Runs `work` in a transaction of its own; what it wrote is on disk when this is `Ok`, and undone when it is
    /// `Err`. `work` must be short and have no effect but on the database: others wait for it, and on PostgreSQL it
    /// may run again: hence `Clone`, which a closure that only borrows has. (`AsyncFn` would say the same, but the
    /// futures of such closures are not known to be `Send`.)
    pub async fn write<T, E: Failure>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        let result = told(self.write_unheard(work).await);
        if let Err(failed) = &result
            && failed.of_store().and_then(outage) == Some(Outage::Unwritable)
        {
            self.probe.suspect();
        }
        if result.is_ok() {
            self.changes.send_modify(|count| *count += 1);
        }
        result
    }

    /// [`Self::write`], of which nobody is told that something has changed.
    async fn write_unheard<T, E: Failure>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.write(work).await,
            Database::Postgres(postgres) => postgres.write(work).await,
        }
    }

    /// Runs `work` on a snapshot: all that it reads is of one moment, whoever writes meanwhile, and it cannot write. On
    /// PostgreSQL it runs again when the connection was lost.
    pub async fn read<T, E: Failure>(
        &self,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        told(match &self.database {
            Database::Sqlite(sqlite) => sqlite.read(work).await,
            Database::Postgres(postgres) => postgres.read(work).await,
        })
    }

    /// Changes whenever this process has written something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Writes down what has befallen the database; those who asked it are not told.
fn told<T, E: Failure>(result: Result<T, E>) -> Result<T, E> {
    if let Err(failed) = &result
        && let Some(error) = failed.of_store()
        && let Some(outage) = outage(error)
    {
        tracing::warn!(?outage, %error, "the database could not do what it was asked");
    }
    result
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

async fn open_sqlite(path: &Path, commits: Commits, wait: Duration, seals: Seals) -> Result<SqliteStore, Error> {
    make_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // what is acknowledged is on disk, also after a power cut
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // what is erased is overwritten, not left in a free page
        .pragma("secure_delete", "on")
        .busy_timeout(wait);
    let mut connection = options.connect().await?;
    open::SQLITE.run(&mut connection).await?;
    sqlx::Connection::close(connection).await?;
    SqliteStore::open(options, READERS, commits, wait, seals).await
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
