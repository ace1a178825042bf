//! The store: the only crate that uses sqlx. Every query is written once and runs on SQLite and on PostgreSQL.
//!
//! These rules keep one text valid on both:
//! 1. lower-case SQL, `$1..$n`, explicit columns; no `now()`, `ilike`, `::cast`, `= any($1)`, serial keys;
//! 2. every instant is bound, in whole microseconds; SQLite stores RFC 3339 text in UTC, whose order is that of time;
//! 3. ids are UUIDs version 7 that the service creates;
//! 4. JSON columns are opaque: read and written as a whole;
//! 5. email addresses are in their normal form before they get here;
//! 6. a write that concerns an organization locks its row first ([`OpenTx::lock_organization`]), so that what it reads
//!    afterwards is true until the commit, on PostgreSQL too. Without the lock there is no [`LockedTx`], and without
//!    that no event;
//! 7. what is read to be shown is read from a [`Snapshot`], which is the state at one moment: what one answer says of
//!    rows and of their number is read in one [`Store::read`]. What only reads is reached from the snapshot, and so from a
//!    [`Tx`] as well (`tx.members()`). What writes is reached only from the [`Tx`] (`tx.members_mut()`), see `subject`;
//! 8. real differences have a name ([`Snapshot::for_update`], [`Snapshot::by_bytes`], [`Snapshot::by_index`]);
//! 9. `is_unique_violation()` is checked only at the one statement that can cause it;
//! 10. a list of ids is a table of its own (`id_lists`);
//! 11. a condition is in the text only if it is asked for (`lists`), and each list begins at an index:
//!     `tests/it/plans` reads the plans of what is sent.

mod acceptance_sessions;
mod acts;
mod api_keys;
mod audit;
pub mod backup;
mod chain;
mod check;
mod close;
mod compare;
mod dependents;
mod direct;
mod erasures;
mod events;
mod folding;
mod hold;
mod id_lists;
mod idempotency;
mod installation;
mod invitation_lists;
mod invitations;
mod jobs;
mod lease;
mod lists;
mod lock;
mod mail_leases;
mod mails;
mod member_queries;
mod members;
pub mod migrate_db;
mod offset_pages;
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
mod search;
mod sessions;
mod signals;
pub mod subject;
mod tickets;
mod transfer;
mod turns;
mod users;
mod values;
mod webhook_deliveries;
mod webhook_delivery_leases;
mod webhook_endpoints;
mod writer;

pub use acceptance_sessions::AcceptanceSessionRow;
pub use audit::FilterMatches;
pub use backup::CopyError;
pub use check::CheckOptions;
pub use compare::{Findings, Totals};
pub use dependents::{OfferGroup, UnfinishedCut};
pub use erasures::ErasureRow;
pub use hold::{HeldCounts, HeldMail, Hold};
pub use idempotency::IdempotencyRow;
pub use invitation_lists::MatchingPart;
pub use lease::Lease;
pub use lock::{FileLock, Purpose};
pub use mail_leases::LeasedMail;
pub use member_queries::MemberStart;
pub use members::NewMember;
pub use outage::{Outage, outage};
pub use personal_data::{AcceptanceSessionOf, DataSubject, MailOf, WebhookDeliveryOf};
pub use postgres::PoolLimits;
pub use queues::QueueCounts;
pub use rate_limits::{LimitCharge, RateLimitKey};
pub use redactions::StoredEvent;
pub use reminders::Reminder;
pub use sessions::{SessionRow, UserSession};
pub use sqlx::Error;

use direct::{DirectConnection, DirectOptions};
use postgres::{Locks, PostgresStore};
use signals::{Changed, Signals};
use sqlx::{
    ConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    sync::Mutex,
    time::Duration,
};
use tokio::sync::watch;
use vestibule_domain::{Head, OrganizationId, UserId, seal::Seals};
use writer::SqliteStore;

/// One database, of either kind. It is cheap to share in an `Arc`.
pub struct Store {
    database: Database,
    /// Counts the successful writes of this process. A change is a reason to look, but does not say what was written.
    changes: watch::Sender<u64>,
    signals: Signals,
    probe: probe::Probe,
    seals: Seals,
    /// The lock of the process that serves, on SQLite.
    lock: Mutex<Option<FileLock>>,
}

enum Database {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// A connection that reads inside one transaction, so that all its answers are of one moment: that of the first query.
/// What others commit meanwhile is invisible.
pub enum Snapshot {
    Sqlite(Box<DirectConnection>),
    Postgres(postgres::Borrowed),
}

/// A connection inside a transaction that writes. It reads as a [`Snapshot`] does, and sees its own writes. On SQLite
/// many turns share one transaction, see `writer`. On PostgreSQL the lock on the organization keeps what is read true.
pub struct Tx {
    snapshot: Snapshot,
    seals: Seals,
    /// What is to be told once it is committed.
    changed: Changed,
}

/// A [`Tx`] in which an organization's row is locked. Events are recorded only here, so that no lock has to be waited
/// for after an event was recorded. [`OpenTx::lock_organization`] returns it.
pub struct LockedTx {
    tx: Tx,
    organization_id: Option<OrganizationId>,
    /// The end of its chain, as it was when the row was locked, and after each event that was recorded since.
    head: Option<Head>,
}

/// A [`Tx`] at its beginning. Work on an organization locks this first.
pub struct OpenTx {
    locked: LockedTx,
    /// None on SQLite, where one writes at a time.
    locks: Option<Locks>,
}

impl OpenTx {
    fn new(snapshot: Snapshot, locks: Option<Locks>, seals: Seals) -> Self {
        let tx = Tx { snapshot, seals, changed: Changed::default() };
        Self { locked: LockedTx { tx, organization_id: None, head: None }, locks }
    }

    /// Returns what was changed since the last call.
    fn take_changed(&mut self) -> Changed {
        std::mem::take(&mut self.locked.tx.changed)
    }

    /// Returns the bare connection.
    fn into_snapshot(self) -> Snapshot {
        self.locked.tx.snapshot
    }

    /// Returns the organization that this write has to wait for before it can begin.
    fn wanted(&self) -> Option<OrganizationId> {
        self.locks.as_ref().and_then(Locks::wanted)
    }
}

impl LockedTx {
    /// Returns the organization that is locked.
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
        &self.snapshot
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }
}

/// The error of a write. It must reveal whether it came from the database, because then it may be worth a retry.
pub trait TransactionError: From<Error> {
    /// Returns the database's error, if the failure is one.
    fn store_error(&self) -> Option<&Error>;
}

impl TransactionError for Error {
    fn store_error(&self) -> Option<&Error> {
        Some(self)
    }
}

/// The most organizations that are looked at in one statement.
const LISTENED: usize = 500;

/// How writes reach the disk on SQLite. One commit per write exists as a baseline for measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    Grouped,
    Single,
}

/// Runs the same body on either kind of connection.
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

/// The statement that deletes a table's rows that are over, at most as many as the last parameter says. Rows that
/// somebody else has locked are left for the next time, so that two processes can do this at once.
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

/// The statement that saves a moment `$2` in the row with the key `$1`. Every request with that key or session does so,
/// and each would hold a connection while it waits, so a row that somebody else has locked is left as it is.
macro_rules! touch {
    ($tx:expr, $table:literal, $key:literal, $at:literal) => {
        $tx.for_update(
            concat!("update ", $table, " set ", $at, " = $2 where ", $key, " = $1"),
            concat!(
                "update ",
                $table,
                " set ",
                $at,
                " = $2 where ",
                $key,
                " in (select ",
                $key,
                " from ",
                $table,
                " where ",
                $key,
                " = $1 for no key update skip locked)"
            ),
        )
    };
}
pub(crate) use touch;

/// The number of connections that read concurrently on SQLite.
const READERS: usize = 8;
impl Store {
    /// Opens `sqlite:path` or `postgres://…`, and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_with(url, Commits::Grouped, PoolLimits::default()).await
    }

    /// Returns the file that holds the database, if this is an address of SQLite.
    pub fn file_of(url: &str) -> Option<&Path> {
        url.strip_prefix("sqlite:").map(|path| Path::new(path.trim_start_matches("//")))
    }

    /// Opens the database of this address as [`Store::open`] does, with these options.
    pub async fn open_with(url: &str, commits: Commits, limits: PoolLimits) -> Result<Self, Error> {
        let seals = Seals::default();
        let database = match Self::file_of(url) {
            Some(path) => Database::Sqlite(open_sqlite(path, commits, limits.wait, seals.clone()).await?),
            None => Database::Postgres(PostgresStore::open(url, limits, seals.clone()).await?),
        };
        let store = Self::of(database, seals);
        store.fold().await?;
        Ok(store)
    }

    fn of(database: Database, seals: Seals) -> Self {
        let (changes, probe) = (watch::Sender::new(0), probe::Probe::default());
        Self { database, changes, signals: Signals::default(), probe, seals, lock: Mutex::default() }
    }

    /// Runs `work` in a transaction of its own. What it wrote is on disk if this returns `Ok`, and undone if it returns
    /// `Err`. `work` must be short and must have no effect except on the database: others wait for it, and on
    /// PostgreSQL it may run again. That is why it must be `Clone`, which a closure that only borrows is. (`AsyncFn`
    /// would say the same, but the futures of such closures are not known to be `Send`.)
    pub async fn write<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        let result = logged(self.write_unheard(work).await);
        if let Err(failed) = &result
            && failed.store_error().and_then(outage) == Some(Outage::Unwritable)
        {
            self.probe.suspect();
        }
        let (result, changed) = result?;
        self.changes.send_modify(|count| *count += 1);
        self.signals.tell(changed);
        Ok(result)
    }

    /// Does what [`Self::write`] does, but does not announce what it has changed.
    async fn write_unheard<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T, E> + Clone,
    ) -> Result<(T, Changed), E> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.write(work).await,
            Database::Postgres(postgres) => postgres.write(work).await,
        }
    }

    /// Runs `work` on a snapshot: all that it reads is of one moment, no matter who writes meanwhile, and it can't
    /// write. On PostgreSQL it runs again if the connection was lost.
    pub async fn read<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        logged(match &self.database {
            Database::Sqlite(sqlite) => sqlite.read(work).await,
            Database::Postgres(postgres) => postgres.read(work).await,
        })
    }

    /// Does what [`Self::read`] does for `work` that sends one statement and no more, which is of one moment anyway:
    /// PostgreSQL is not told to begin and to end a transaction. Panics there at a second statement.
    pub async fn read_one<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&mut Snapshot) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        logged(match &self.database {
            Database::Sqlite(sqlite) => sqlite.read(work).await,
            Database::Postgres(postgres) => postgres.read_one(work).await,
        })
    }

    /// Returns a receiver that changes whenever this process has written something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Returns a receiver with the number of the organization's last event, if this process has heard of one since
    /// somebody listens, or 0.
    pub fn events_of(&self, id: OrganizationId) -> watch::Receiver<u64> {
        self.signals.of_organization(id)
    }

    /// Returns a receiver that changes when this process has ended a session of this person.
    pub fn sign_outs_of(&self, id: UserId) -> watch::Receiver<u64> {
        self.signals.of_user(id)
    }

    /// Looks for events that other processes have recorded in organizations that somebody listens to, and tells those
    /// who do.
    pub async fn look_for_events(&self) -> Result<(), Error> {
        for some in self.signals.organizations().chunks(LISTENED) {
            for (id, number) in self.read(async |tx| tx.organizations().last_events(some).await).await? {
                self.signals.last_event(id, number);
            }
        }
        Ok(())
    }
}

/// Logs what is wrong with the database, because the clients do not learn it.
fn logged<T, E: TransactionError>(result: Result<T, E>) -> Result<T, E> {
    if let Err(failed) = &result
        && let Some(error) = failed.store_error()
        && let Some(outage) = outage(error)
    {
        tracing::warn!(?outage, %error, "The database could not do what it was asked");
    }
    result
}

impl Snapshot {
    /// Returns the snapshot itself; for `on!`, where a [`Tx`] is converted to one.
    fn itself(&mut self) -> &mut Self {
        self
    }

    /// Returns the statement that locks its rows for this transaction. SQLite has one writer and needs no lock.
    fn for_update<'a>(&self, plain: &'a str, locking: &'a str) -> &'a str {
        match self {
            Self::Sqlite(_) => plain,
            Self::Postgres(_) => locking,
        }
    }

    /// Returns the expression for [`vestibule_domain::Name::rest`] of the name in this column. It is empty if there is
    /// no name, or only one word.
    fn rest_of_name(&self, column: &str) -> String {
        let position = self.by_bytes("instr", "strpos");
        let space = format!("{position}({column}, ' ')");
        format!("coalesce(case when {space} > 0 then substr({column}, {space} + 1) end, '')")
    }

    /// Returns the column to sort text by. PostgreSQL has to be told to compare bytes, and not by the rules of a
    /// language.
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
        .synchronous(SqliteSynchronous::Full)
        // a migration that makes a table again drops the one that others refer to
        .foreign_keys(false)
        .pragma("secure_delete", "on")
        // in a container without a folder for temporary files, indexes of tables that are made again have no other place
        .pragma("temp_store", "memory")
        .busy_timeout(wait);
    let mut connection = options.connect().await?;
    open::SQLITE.run(&mut connection).await?;
    sqlx::Connection::close(connection).await?;
    SqliteStore::open(direct_options(path, wait), READERS, commits, wait, seals)
}

/// Returns how the connections are opened that serve.
fn direct_options(path: &Path, wait: Duration) -> DirectOptions {
    DirectOptions::of(path, wait)
        // what is acknowledged is on disk, even after a power cut
        .pragma("synchronous", "full")
        .pragma("foreign_keys", "on")
        // what is erased is overwritten, and not left in a free page
        .pragma("secure_delete", "on")
}

/// Creates the database's file with private permissions, because SQLite would create one that others can read. The
/// files that SQLite adds get the same permissions.
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

/// Checks whether the database refused what it was given to store or to look for: a character, a number or a moment
/// that it does not know, or more than a statement or an index can hold.
pub fn is_of_content(error: &Error) -> bool {
    let Error::Database(error) = error else { return false };
    match error.code().as_deref() {
        // a character, a JSON text, a number, a moment; an index entry, a statement
        Some("22021" | "22P05" | "22003" | "22008" | "54000" | "54001") => true,
        // SQLite distinguishes these by their messages only
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

/// Returns a pattern for `like … escape '\'` that matches `text` anywhere.
fn containing(text: &str) -> String {
    format!("%{}%", escaped(&text.to_lowercase()))
}

/// Returns the part of such a pattern that matches `text` itself.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Returns the error for a column that can't be read. Only this program writes columns, so this means a corrupt
/// database.
fn corrupt(column: &str) -> Error {
    Error::Decode(format!("the column {column} holds a value that is never written there").into())
}
