//! The copy of a whole database as one SQLite file, whichever kind of database it is, and the way back.

use super::lock::FileLock;
use super::open::{self, DatabaseFacts, InspectFor, OpenDatabaseError, inspect};
use super::transfer::{self, Extra, Way};
use super::{Error, HeldCounts, Outage, Store, outage};
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use vestibule_domain::token::SigningKeys;
use vestibule_domain::{Instant, seal};

/// How long a command waits for what others have locked.
const PATIENCE: Duration = Duration::from_secs(10);

/// The reason why a database was not copied, in one line that says what to do. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Database(#[from] OpenDatabaseError),
    #[error("{}: this file exists already. Choose another name, or move it away.", path.display())]
    Exists { path: PathBuf },
    #[error("{name}: this database is in use: it has accounts. {then}")]
    NotEmpty { name: String, then: &'static str },
    #[error(
        "{name}: {count} connections of Vestibule are open there. Stop every instance that uses it, then run this again."
    )]
    Connected { name: String, count: i64 },
    #[error("{}: {what}. {then}", path.display())]
    Damaged { path: PathBuf, what: String, then: &'static str },
    #[error("{}: {error}. {then}", path.display())]
    File { path: PathBuf, error: io::Error, then: &'static str },
    #[error(
        "{}: this backup was made with another secret key than the one in {}. Put the key that belongs to it there, then run this again. If that key is lost, `--with-another-key` restores it nevertheless; `vestibule adopt-key` then voids all open links.",
        path.display(), key.display()
    )]
    OtherKey { path: PathBuf, key: PathBuf },
    /// The copy differs from the original.
    #[error("{0}")]
    Differs(String),
    #[error("{0}")]
    Addresses(String),
    #[error("the database refused: {0}")]
    Store(#[from] Error),
}

const TO_RESTORE: &str = "A backup is restored into an empty database only: choose another VESTIBULE_DATA_DIR or VESTIBULE_DATABASE_URL, or move it away.";

/// The contents of a file of ours.
#[derive(Clone, Debug)]
pub struct DatabaseContents {
    pub schema: i64,
    pub key_check: Option<Vec<u8>>,
    /// The number of rows of each table.
    pub rows: BTreeMap<String, u64>,
    pub highest_event: u64,
    /// When the last event was recorded, or `None` without events.
    pub last_event_at: Option<Instant>,
}

/// Copies the database of this address, as it is at one moment and while others write, into the empty file at `path`.
/// It holds no lock that a writer would wait for.
pub async fn copy_to_file(url: &str, path: &Path) -> Result<(), CopyError> {
    inspect(url, InspectFor::Read).await?;
    match Store::file_of(url) {
        Some(file) => {
            let mut connection = SqliteConnectOptions::new().filename(file).busy_timeout(PATIENCE).connect().await?;
            let done = sqlx::query("vacuum into $1").bind(path.to_string_lossy()).execute(&mut connection).await;
            connection.close().await?;
            done?;
        }
        None => copy_server_to_file(url, path).await?,
    }
    Ok(())
}

async fn copy_server_to_file(url: &str, path: &Path) -> Result<(), CopyError> {
    let mut server = connect(url, "vestibule backup").await?;
    let mut file = fresh(path).await?;
    sqlx::raw_sql("begin isolation level repeatable read read only").execute(&mut server).await?;
    for extra in [Extra::Triggers, Extra::Indexes] {
        transfer::drop_of_file(&mut file, extra).await?;
    }
    sqlx::raw_sql("begin").execute(&mut file).await?;
    for table in transfer::tables(&mut file, &mut server).await? {
        transfer::clear_file(&mut file, &table).await?;
        transfer::copy_table((&mut file, &mut server), Way::ToFile, &table, false, |_| ()).await?;
    }
    sqlx::raw_sql("commit").execute(&mut file).await?;
    server.close().await?;
    for extra in [Extra::Indexes, Extra::Triggers] {
        transfer::make_of_file(&mut file, extra, |_| ()).await?;
    }
    transfer::index_later(&mut file).await?;
    sqlx::raw_sql("analyze").execute(&mut file).await?;
    file.close().await?;
    Ok(())
}

/// Creates a file with the tables of this program and no rows. What is written to it is not synced.
async fn fresh(path: &Path) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off)
        .pragma("cache_size", transfer::CACHE);
    let mut connection = options.connect().await?;
    open::SQLITE.run(&mut connection).await?;
    Ok(connection)
}

/// Opens a connection for long work. The server's own words about a refusal don't contain a password.
pub(super) async fn connect(url: &str, name: &str) -> Result<PgConnection, CopyError> {
    const LIMITS: &str =
        "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '10s'";
    let shown = open::name_of(url);
    let unreachable = |error: Error| CopyError::from(open::unreachable(&shown, &error));
    let options = PgConnectOptions::from_str(url).map_err(unreachable)?;
    let options = options.application_name(name).disable_statement_logging();
    let connecting = tokio::time::timeout(PATIENCE, options.connect()).await;
    let mut connection = connecting.unwrap_or(Err(Error::PoolTimedOut)).map_err(unreachable)?;
    sqlx::raw_sql(LIMITS).execute(&mut connection).await?;
    Ok(connection)
}

/// Reads a backup and checks whether it is intact. Returns an error if it is not a file of ours, is damaged or cut off,
/// or was made by a newer program. Nothing is written, not even next to it.
pub async fn examine(path: &Path) -> Result<DatabaseContents, CopyError> {
    let damaged = |what: String| CopyError::Damaged { path: path.to_owned(), what, then: ANOTHER };
    open::check_header(path, false).map_err(|refused| match refused {
        OpenDatabaseError::Unusable { what, .. } => damaged(what),
        refused => refused.into(),
    })?;
    let found = match open::read_file(path, false, true).await {
        Ok(Ok(found)) => found,
        Ok(Err(OpenDatabaseError::Unusable { what, .. })) => return Err(damaged(what)),
        Ok(Err(refused)) => return Err(refused.into()),
        Err(error) => return Err(damaged(open::words_of(&error))),
    };
    let (name, known) = (path.display().to_string(), open::newest(&open::SQLITE));
    let Some(schema) = found.schema else { return Err(damaged("it holds no database of Vestibule".into())) };
    if schema > known {
        return Err(OpenDatabaseError::Newer { name, found: schema, known }.into());
    }
    if found.is_half_done {
        return Err(OpenDatabaseError::HalfDone { name }.into());
    }
    let mut file = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true).connect().await?;
    let contents = contents(&mut file, schema, found).await;
    file.close().await?;
    Ok(contents?)
}

/// The schema from which on SQLite has moments as numbers. A backup may be older.
const WITH_MOMENTS_AS_NUMBERS: i64 = 23;
const ANOTHER: &str = "Nothing was changed. Take another backup.";

async fn contents(file: &mut SqliteConnection, schema: i64, found: DatabaseFacts) -> Result<DatabaseContents, Error> {
    let rows = transfer::counts_of_file(file).await?.into_iter().collect();
    const LAST: &str = "select max(number), max(at) from events";
    let (highest, last_event_at) = match schema < WITH_MOMENTS_AS_NUMBERS {
        true => sqlx::query_as::<_, (Option<i64>, Option<Instant>)>(LAST).fetch_one(file).await?,
        false => {
            let (highest, micros): (Option<i64>, Option<i64>) = sqlx::query_as(LAST).fetch_one(file).await?;
            (highest, micros.map(transfer::moment_of).transpose()?)
        }
    };
    Ok(DatabaseContents {
        schema,
        key_check: found.key_check,
        rows,
        highest_event: highest.unwrap_or_default().unsigned_abs(),
        last_event_at,
    })
}

/// Turns the copy of a backup into a database that can be used: its tables are brought up to date, sessions and leases
/// end, what waits is held, and the numbers of events continue beyond all that were seen. Returns how many rows each
/// table has afterwards, and how much is held.
pub async fn settle(
    copy: &Path,
    signing_keys: &SigningKeys,
    backup_made_at: Instant,
    now: Instant,
) -> Result<(BTreeMap<String, u64>, HeldCounts), CopyError> {
    let store = Store::open(&format!("sqlite:{}", copy.display())).await?;
    store.seals().know(signing_keys);
    let settled = async {
        store.settle_restored(backup_made_at, now).await?;
        store.read(async |tx| tx.holds().count(now).await).await
    }
    .await;
    store.close().await;
    let held = settled?;
    let mut file = SqliteConnectOptions::new().filename(copy).connect().await?;
    let rows = transfer::counts_of_file(&mut file).await;
    file.close().await?;
    Ok((rows?.into_iter().collect(), held))
}

/// Checks whether a backup may be restored at this address, and takes the lock of a SQLite file there. Returns an error
/// if there are accounts, a process that uses it, or something that is not a database of ours.
pub async fn look_at_target(url: &str) -> Result<Option<FileLock>, CopyError> {
    let (found, lock) = inspect(url, InspectFor::Serve).await?;
    if found.is_used {
        return Err(CopyError::NotEmpty { name: open::name_of(url), then: TO_RESTORE });
    }
    Ok(lock)
}

/// Copies the rows of a file into an empty PostgreSQL database, either all of them or none.
pub async fn put_on_server(copy: &Path, url: &str) -> Result<(), CopyError> {
    let mut server = connect(url, "vestibule restore").await?;
    open::POSTGRES.run(&mut server).await.map_err(Error::from)?;
    let file = SqliteConnectOptions::new().filename(copy).read_only(true).row_buffer_size(transfer::AHEAD);
    let mut file = file.connect().await?;
    let tables = transfer::tables(&mut file, &mut server).await?;
    sqlx::raw_sql("begin").execute(&mut server).await?;
    sqlx::raw_sql("lock table organizations, users in access exclusive mode").execute(&mut server).await?;
    if is_used(&mut server).await? {
        return Err(CopyError::NotEmpty { name: open::name_of(url), then: TO_RESTORE });
    }
    transfer::clear_server(&mut server, &tables).await?;
    transfer::set_triggers(&mut server, &tables, false).await?;
    let laters = transfer::strip_server(&mut server, &tables).await?;
    for table in &tables {
        transfer::copy_table((&mut file, &mut server), Way::ToServer, table, false, |_| ()).await?;
    }
    for later in laters {
        later.make(&mut server).await?;
    }
    transfer::set_triggers(&mut server, &tables, true).await?;
    sqlx::raw_sql("commit").execute(&mut server).await?;
    sqlx::raw_sql("analyze").execute(&mut server).await?;
    server.close().await?;
    file.close().await?;
    Ok(())
}

/// Checks whether the disk is full or read-only, even if that happened while tables were created.
pub fn is_unwritable(error: &Error) -> bool {
    match error {
        Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => is_unwritable(error),
            _ => false,
        },
        error => outage(error) == Some(Outage::Unwritable),
    }
}

pub(super) async fn is_used(server: &mut PgConnection) -> Result<bool, Error> {
    const SQL: &str = "select exists (select 1 from users) or exists (select 1 from organizations)";
    sqlx::query_scalar(AssertSqlSafe(SQL)).fetch_one(server).await
}

/// Checks whether a backup was made with one of these keys. Returns true if it does not say.
pub fn knows_key(signing_keys: &SigningKeys, contents: &DatabaseContents) -> bool {
    contents.key_check.as_deref().is_none_or(|check| seal::knows_key(signing_keys, check))
}
