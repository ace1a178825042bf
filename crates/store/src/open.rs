//! The checks before a database is opened: whether it is one of ours, intact, and of a schema that this program knows.
//! Nothing is written, so that a database that is refused is left as it was.

use super::lock::{FileLock, Purpose, beside};
use super::{Error, Store};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The table that marks this database as the target of an unfinished migration.
pub(super) const MARK: &str = "_transfer";

/// The most time that a server may take for its first answer.
const CONNECT: Duration = Duration::from_secs(10);

/// The reason why a database is not opened, in one line with its name, the cause, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenDatabaseError {
    #[error(
        "{}: database in use by {}. Stop that process first, or choose another folder with VESTIBULE_DATA_DIR.",
        path.display(), by.map_or_else(|| "another process".to_owned(), |pid| format!("pid {pid}"))
    )]
    InUse { path: PathBuf, by: Option<u32> },
    #[error("{}: {what}. {then}", path.display())]
    Unusable { path: PathBuf, what: String, then: &'static str },
    #[error(
        "{name}: the database has schema {found}, and this program ({version}) knows schemas up to {known}. Run the newer program that changed it, or restore an earlier backup.",
        version = env!("CARGO_PKG_VERSION")
    )]
    Newer { name: String, found: i64, known: i64 },
    #[error(
        "{name}: the database has schema {found}, and this program ({version}) needs {known}. `vestibule migrate` brings it up to date.",
        version = env!("CARGO_PKG_VERSION")
    )]
    Older { name: String, found: i64, known: i64 },
    #[error(
        "{name}: this database is half of a copy: `vestibule migrate-db` was stopped before the end. Run it again with the same addresses to continue."
    )]
    HalfDone { name: String },
    #[error("{name}: {what}. {then}")]
    Unreachable { name: String, what: String, then: &'static str },
}

const RESTORE: &str = "Nothing was changed. Move it away and put a backup in its place (`vestibule restore BACKUP`).";
const OWNER: &str = "Let the user that Vestibule runs as read and write it and its folder (chown, chmod u+rw).";

const GRANT: &str = "Let it own the database's tables, or name another user in database_url.";

impl OpenDatabaseError {
    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_owned(), what: one_line(&what.into()), then: RESTORE }
    }

    pub(super) fn unusable(path: &Path, error: &io::Error) -> Self {
        Self::Unusable { path: path.to_owned(), what: one_line(&error.to_string()), then: OWNER }
    }
}

/// What is at an address, before it is opened.
#[derive(Debug, Default)]
pub struct DatabaseFacts {
    /// The number of the last migration, or `None` if there are no tables.
    pub schema: Option<i64>,
    /// What the database keeps of the key that it was used with; see [`vestibule_domain::seal::key_check`].
    pub key_check: Option<Vec<u8>>,
    /// Whether anybody has an account in it.
    pub is_used: bool,
    /// Whether it is the target of an unfinished migration.
    pub is_half_done: bool,
}

/// The purpose for which an address is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectFor {
    /// To serve from it. This needs a SQLite file alone, and checks its pages if the last process did not stop in
    /// order.
    Serve,
    /// To work on it for a moment, next to a process that serves, if there is one.
    Work,
    /// To only read it. Its tables must be those of this program.
    Read,
    /// To move an installation into it. This is like serving, but half of a copy is allowed.
    Fill,
}

/// Checks the database of this address without writing anything. Returns what is there, with the lock of a SQLite file
/// if no other process has it.
pub async fn inspect(url: &str, how: InspectFor) -> Result<(DatabaseFacts, Option<FileLock>), OpenDatabaseError> {
    let name = name_of(url);
    let (found, lock) = match Store::file_of(url) {
        Some(path) => inspect_file(path, how).await?,
        None => (inspect_server(url, &name, how).await?, None),
    };
    let known = if Store::file_of(url).is_some() { newest(&SQLITE) } else { newest(&POSTGRES) };
    if found.is_half_done && how != InspectFor::Fill {
        return Err(OpenDatabaseError::HalfDone { name });
    }
    match found.schema {
        Some(schema) if schema > known => Err(OpenDatabaseError::Newer { name, found: schema, known }),
        Some(schema) if schema < known && how == InspectFor::Read => {
            Err(OpenDatabaseError::Older { name, found: schema, known })
        }
        None if how == InspectFor::Read => Err(OpenDatabaseError::Unusable {
            path: name.into(),
            what: "there is no database of Vestibule".to_owned(),
            then: "Check the address (database_url, data_dir).",
        }),
        _ => Ok((found, lock)),
    }
}

/// Returns the newest schema that this program knows.
pub fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Returns the address as it may be shown, without a password.
pub fn name_of(url: &str) -> String {
    if let Some(path) = Store::file_of(url) {
        return path.display().to_string();
    }
    match PgConnectOptions::from_str(url) {
        Ok(options) => {
            let database = options.get_database().unwrap_or(options.get_username());
            format!("PostgreSQL at {}:{}, database {database}", options.get_host(), options.get_port())
        }
        Err(_) => "database_url".to_owned(),
    }
}

async fn inspect_file(path: &Path, how: InspectFor) -> Result<(DatabaseFacts, Option<FileLock>), OpenDatabaseError> {
    let is_there = is_file(path)?;
    if !is_there && how == InspectFor::Read {
        return Ok((DatabaseFacts::default(), None));
    }
    let purpose = if matches!(how, InspectFor::Serve | InspectFor::Fill) { Purpose::Serve } else { Purpose::Look };
    let has_folder = path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.exists());
    let (lock, in_use) = match has_folder && how != InspectFor::Read {
        true => match FileLock::take(path, purpose).await {
            Err(in_use @ OpenDatabaseError::InUse { .. }) if how == InspectFor::Work => (None, Some(in_use)),
            taken => (Some(taken?), None),
        },
        false => (None, None),
    };
    if !is_there {
        return Ok((DatabaseFacts::default(), lock));
    }
    // a process that serves has one next to the file, even if empty; one that stopped in order has left none
    let wal = beside(path, "-wal");
    check_header(path, fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0))?;
    let (has_wal, index) = (wal.exists(), fs::read(beside(path, "-shm")).ok());
    let checks = how == InspectFor::Serve && (has_wal || !lock.as_ref().is_some_and(FileLock::was_stopped));
    let read = read_file(path, has_wal, checks).await;
    // restores the log's index, which reading creates or changes; it belongs to nobody else, because we have the lock
    if lock.is_some() && has_wal {
        _ = match index {
            Some(index) => fs::write(beside(path, "-shm"), index),
            None => fs::remove_file(beside(path, "-shm")),
        };
    }
    let found = read.map_err(|error| OpenDatabaseError::damaged(path, words_of(&error)))??;
    match in_use {
        Some(in_use) if found.schema < Some(newest(&SQLITE)) => Err(in_use),
        _ => Ok((found, lock)),
    }
}

/// Checks whether there is a file with content. Returns an error if it is not a file, or may not be read and written.
/// This looks at the permission bits instead of asking the system, which allows root everything.
fn is_file(path: &Path) -> Result<bool, OpenDatabaseError> {
    use std::os::unix::fs::PermissionsExt;
    let denied = |what: &str| OpenDatabaseError::Unusable { path: path.to_owned(), what: what.to_owned(), then: OWNER };
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        read => read.map_err(|error| OpenDatabaseError::unusable(path, &error))?,
    };
    if !metadata.is_file() {
        let then = "Name a file in VESTIBULE_DATABASE_URL, or leave it out.";
        return Err(OpenDatabaseError::Unusable { path: path.to_owned(), what: "is not a file".to_owned(), then });
    }
    let mode = metadata.permissions().mode();
    if mode & 0o444 == 0 {
        return Err(denied("can't be read: nobody has permission"));
    }
    if mode & 0o222 == 0 {
        return Err(denied("can't be written: it is read-only"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o222 == 0) {
        return Err(denied("can't be written: its folder is read-only"));
    }
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| OpenDatabaseError::unusable(path, &error))?;
    Ok(metadata.len() > 0)
}

/// Checks the file's first page, by which SQLite recognizes its files, and whether the file is as long as that says.
/// What is still in a log next to it may be missing.
pub(super) fn check_header(path: &Path, has_wal: bool) -> Result<(), OpenDatabaseError> {
    let mut header = [0; 100];
    let mut file = File::open(path).map_err(|error| OpenDatabaseError::unusable(path, &error))?;
    let length = file.metadata().map_err(|error| OpenDatabaseError::unusable(path, &error))?.len();
    if file.read_exact(&mut header).is_err() || &header[..16] != b"SQLite format 3\0" {
        return Err(OpenDatabaseError::damaged(
            path,
            "the file is damaged: its header is not that of an SQLite database",
        ));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let expected = u64::from(number(28)) * page;
    if !has_wal && number(24) == number(92) && length < expected {
        let what = format!("the file is damaged: it was cut off at {length} of {expected} bytes");
        return Err(OpenDatabaseError::damaged(path, what));
    }
    Ok(())
}

/// Reads what is in the file. It is opened for reading, and without a log as immutable, so that nothing is created next
/// to it.
pub(super) async fn read_file(
    path: &Path,
    has_wal: bool,
    checks: bool,
) -> Result<Result<DatabaseFacts, OpenDatabaseError>, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!has_wal)
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let found = async {
        if checks && let Some(what) = what_is_unsound(&mut connection).await? {
            return Ok(Err(OpenDatabaseError::damaged(path, format!("the file is damaged: {what}"))));
        }
        read_found(&mut connection, path).await
    }
    .await;
    _ = connection.close().await;
    found
}

/// The tables that may have millions of rows. For each of their rows only the organization is looked up.
const LARGE: [&str; 4] = ["invitations", "events", "mails", "redactions"];

/// Returns the first problem that `quick_check` finds. Pages of another database can pass that, so it also returns an
/// organization whose last event is not the one in its row, and a row whose organization, maker or person is missing.
async fn what_is_unsound(connection: &mut SqliteConnection) -> Result<Option<String>, Error> {
    const TABLES: &str = "select name from sqlite_master where type = 'table'";
    const HEADS: &str = "select count(*) from organizations o where event_count
        <> (select coalesce(max(number), 0) from events e where e.organization_id = o.id)";
    let found: Vec<String> = sqlx::query_scalar("pragma quick_check(1)").fetch_all(&mut *connection).await?;
    if let Some(line) = found.into_iter().find(|line| line != "ok") {
        return Ok(Some(line));
    }
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *connection).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    // half of a copy has organizations before it has their events, and its mark says that it is half
    let is_ours = has("organizations") && has("events") && !has(MARK);
    let heads: i64 = if is_ours { sqlx::query_scalar(HEADS).fetch_one(&mut *connection).await? } else { 0 };
    if heads > 0 || is_ours && has_strangers(connection, &tables).await? {
        let what = "its parts don't belong together: events or rows are missing, or its -wal is of another database";
        return Ok(Some(what.into()));
    }
    Ok(None)
}

/// Checks whether a row refers to one that is missing.
async fn has_strangers(connection: &mut SqliteConnection, tables: &[String]) -> Result<bool, Error> {
    for table in tables {
        let sql = match LARGE.contains(&&**table) {
            // the rows themselves, because the pages of an index may be those of another database
            true => format!(
                "select 1 from {table} not indexed where organization_id is not null
                 and organization_id not in (select id from organizations) limit 1"
            ),
            false => format!("select 1 from pragma_foreign_key_check('{table}') limit 1"),
        };
        let found: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(&mut *connection).await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn read_found(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Result<DatabaseFacts, OpenDatabaseError>, Error> {
    const TABLES: &str = "select name from sqlite_master where type = 'table'";
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *connection).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if !has("_sqlx_migrations") {
        return Ok(match tables.is_empty() {
            true => Ok(DatabaseFacts::default()),
            false => Err(OpenDatabaseError::damaged(path, "is a database of another program")),
        });
    }
    let schema = sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&mut *connection).await?;
    let mut found = DatabaseFacts { schema, ..DatabaseFacts::default() };
    if has("users") {
        let user: Option<Vec<u8>> =
            sqlx::query_scalar("select id from users limit 1").fetch_optional(&mut *connection).await?;
        found.is_used = user.is_some();
    }
    if has("installation") {
        found.key_check =
            sqlx::query_scalar("select key_check from installation").fetch_optional(&mut *connection).await?;
    }
    found.is_half_done = has(MARK);
    Ok(Ok(found))
}

async fn inspect_server(url: &str, name: &str, how: InspectFor) -> Result<DatabaseFacts, OpenDatabaseError> {
    let unreachable = |error: Error| unreachable(name, &error);
    let options = PgConnectOptions::from_str(url).map_err(unreachable)?;
    let options = options.application_name("vestibule").disable_statement_logging();
    let connecting = tokio::time::timeout(CONNECT, options.connect()).await;
    let mut connection = connecting.map_err(|_| OpenDatabaseError::Unreachable {
        name: name.to_owned(),
        what: format!("the server has not answered within {} seconds", CONNECT.as_secs()),
        then: "Check that it runs and that this machine reaches it (database_url).",
    })?;
    let connection = connection.as_mut().map_err(|error| self::unreachable(name, error))?;
    let found = ask_server(connection).await.map_err(unreachable)?;
    match lacks(connection, &found, how).await.map_err(unreachable)? {
        Some(what) => Err(OpenDatabaseError::Unreachable { name: name.to_owned(), what, then: GRANT }),
        None => Ok(found),
    }
}

/// Returns what this user may not do of what has to be done, or `None` if everything is allowed.
async fn lacks(connection: &mut PgConnection, found: &DatabaseFacts, how: InspectFor) -> Result<Option<String>, Error> {
    const MAKE: &str = "select case when current_schema() is null then 'may not use any schema'
        when not has_schema_privilege(current_schema(), 'create') then 'may not create tables in the schema ' || current_schema()
        end";
    const USE: &str = "select 'may not ' || case when $1 then 'read' else 'read and write' end || ' the table ' || ours.relname
        from pg_class log join pg_namespace n on n.oid = log.relnamespace and n.nspname = current_schema()
            join pg_class ours on ours.relnamespace = log.relnamespace and ours.relowner = log.relowner
        where log.relname = '_sqlx_migrations' and ours.relkind = 'r' and not (has_table_privilege(ours.oid, 'select') and ($1
            or has_table_privilege(ours.oid, 'insert') and has_table_privilege(ours.oid, 'update')
            and has_table_privilege(ours.oid, 'delete')))
        order by ours.relname limit 1";
    const ALTER: &str = "select 'does not own the table ' || log.relname
        from pg_class log join pg_namespace n on n.oid = log.relnamespace and n.nspname = current_schema()
        where log.relname = '_sqlx_migrations' and not pg_has_role(log.relowner, 'usage')";
    let is_current = found.schema.is_some_and(|schema| schema >= newest(&POSTGRES));
    let (needs_to_make, only_reads) =
        (how == InspectFor::Fill || how != InspectFor::Read && !is_current, how == InspectFor::Read);
    let mut lacks: Option<String> = sqlx::query_scalar(USE).bind(only_reads).fetch_optional(&mut *connection).await?;
    for sql in [ALTER, MAKE].into_iter().filter(|_| needs_to_make) {
        if lacks.is_none() {
            lacks = sqlx::query_scalar(sql).fetch_optional(&mut *connection).await?.flatten();
        }
    }
    let user: String = sqlx::query_scalar("select current_user::text").fetch_one(connection).await?;
    Ok(lacks.map(|lacks| format!("the user {user} {lacks}")))
}

async fn ask_server(connection: &mut PgConnection) -> Result<DatabaseFacts, Error> {
    const TABLES: &str = "select table_name::text from information_schema.tables where table_schema = current_schema()";
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *connection).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    let mut found = DatabaseFacts::default();
    if has("_sqlx_migrations") {
        found.schema =
            sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&mut *connection).await?;
    }
    if has("users") {
        found.is_used = sqlx::query_scalar("select exists (select 1 from users)").fetch_one(&mut *connection).await?;
    }
    if has("installation") {
        found.key_check =
            sqlx::query_scalar("select key_check from installation").fetch_optional(&mut *connection).await?;
    }
    found.is_half_done = has(MARK);
    Ok(found)
}

/// Checks whether a server has refused something because its user lacks a privilege.
pub(super) fn is_denied(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.code().as_deref() == Some("42501"))
}

/// Explains a server's refusal. Its own words don't contain a password.
pub(super) fn unreachable(name: &str, error: &Error) -> OpenDatabaseError {
    let code = match error {
        Error::Database(error) => error.code().unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    let then = match code.as_str() {
        "28P01" | "28000" => "Check user and password in database_url (or the file of VESTIBULE_DATABASE_URL_FILE).",
        "3D000" => "Create the database first (createdb), or use another one in database_url.",
        "42501" => GRANT,
        _ => "Check that it runs and that this machine reaches it (database_url).",
    };
    OpenDatabaseError::Unreachable { name: name.to_owned(), what: words_of(error), then }
}

/// Returns the database's own words, on one line and without a full stop.
pub(super) fn words_of(error: &Error) -> String {
    let words = match error {
        Error::Database(error) => error.message().to_owned(),
        error => error.to_string(),
    };
    one_line(&words)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}
