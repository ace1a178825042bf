//! Before a database is opened: whether it is one of ours, sound, and of a schema that this program knows. Nothing is
//! written here, so that what is refused is as it was.

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

/// The table that says that a migration into this database has not come to its end.
pub(super) const MARK: &str = "_transfer";

/// How long a server may take to answer for the first time.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a database is not opened: one line that names it, the cause, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(
        "{}: database in use by {}. Stop that process first, or choose another folder with VESTIBULE_DATA_DIR.",
        path.display(), by.map_or_else(|| "another process".to_owned(), |pid| format!("pid {pid}"))
    )]
    InUse { path: PathBuf, by: Option<u32> },
    #[error("{}: {what}. {then}", path.display())]
    Unusable { path: PathBuf, what: String, then: &'static str },
    #[error(
        "{name}: the database has schema {found}, and this program ({version}) knows schemas up to {known}. Run the newer program that has changed it, or restore a backup from before.",
        version = env!("CARGO_PKG_VERSION")
    )]
    Newer { name: String, found: i64, known: i64 },
    #[error(
        "{name}: the database has schema {found}, and this program ({version}) needs {known}. `vestibule migrate` brings it up to date.",
        version = env!("CARGO_PKG_VERSION")
    )]
    Older { name: String, found: i64, known: i64 },
    #[error(
        "{name}: this database is half of a copy: `vestibule migrate-db` was stopped before its end. Run it again with the same addresses; it goes on where it was."
    )]
    HalfDone { name: String },
    #[error("{name}: {what}. {then}")]
    Unreachable { name: String, what: String, then: &'static str },
}

const RESTORE: &str = "Nothing was changed. Move it away and put a backup in its place (`vestibule restore BACKUP`).";
const OWNER: &str = "Let the user that Vestibule runs as read and write it and its folder (chown, chmod u+rw).";

const GRANT: &str = "Let it own the database's tables, or name another user in database_url.";

impl Refused {
    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_owned(), what: one_line(&what.into()), then: RESTORE }
    }

    pub(super) fn unusable(path: &Path, error: &io::Error) -> Self {
        Self::Unusable { path: path.to_owned(), what: one_line(&error.to_string()), then: OWNER }
    }
}

/// What is at an address, before it is opened.
#[derive(Debug, Default)]
pub struct Found {
    /// Number of the last migration; none: there are no tables.
    pub schema: Option<i64>,
    /// What it keeps of the key that it was used with; see [`vestibule_domain::seal::key_check`].
    pub key_check: Option<Vec<u8>>,
    /// Whether anybody has an account in it.
    pub is_used: bool,
    /// Whether it is the target of a migration that has not come to its end.
    pub is_half_done: bool,
}

/// How an address is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// To serve from it: alone with a SQLite file, and after a stop that was not in order its pages are checked.
    Serve,
    /// To work on it for a moment, beside a process that serves if there is one.
    Work,
    /// To read it only: its tables must be those of this program.
    Read,
    /// To move an installation into it: as to serve, and half of a copy is no hindrance.
    Fill,
}

/// Looks at the database of this address and writes nothing. Returns what is there, with the lock of a SQLite file if
/// nobody else has it.
pub async fn look(url: &str, how: Look) -> Result<(Found, Option<FileLock>), Refused> {
    let name = name_of(url);
    let (found, lock) = match Store::file_of(url) {
        Some(path) => look_at_file(path, how).await?,
        None => (look_at_server(url, &name, how).await?, None),
    };
    let known = if Store::file_of(url).is_some() { newest(&SQLITE) } else { newest(&POSTGRES) };
    if found.is_half_done && how != Look::Fill {
        return Err(Refused::HalfDone { name });
    }
    match found.schema {
        Some(schema) if schema > known => Err(Refused::Newer { name, found: schema, known }),
        Some(schema) if schema < known && how == Look::Read => Err(Refused::Older { name, found: schema, known }),
        None if how == Look::Read => Err(Refused::Unusable {
            path: name.into(),
            what: "there is no database of Vestibule".to_owned(),
            then: "Check the address (database_url, data_dir).",
        }),
        _ => Ok((found, lock)),
    }
}

/// The newest schema that this program knows.
pub fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// The address as it may be shown: a password in it is not.
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

async fn look_at_file(path: &Path, how: Look) -> Result<(Found, Option<FileLock>), Refused> {
    let is_there = is_file(path)?;
    if !is_there && how == Look::Read {
        return Ok((Found::default(), None));
    }
    let purpose = if matches!(how, Look::Serve | Look::Fill) { Purpose::Serve } else { Purpose::Look };
    let has_folder = path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.exists());
    let (lock, in_use) = match has_folder && how != Look::Read {
        true => match FileLock::take(path, purpose).await {
            Err(in_use @ Refused::InUse { .. }) if how == Look::Work => (None, Some(in_use)),
            taken => (Some(taken?), None),
        },
        false => (None, None),
    };
    if !is_there {
        return Ok((Found::default(), lock));
    }
    // who serves has one beside it, be it empty; who stopped in order has left none
    let wal = beside(path, "-wal");
    check_header(path, fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0))?;
    let (has_wal, index) = (wal.exists(), fs::read(beside(path, "-shm")).ok());
    let checks = how == Look::Serve && (has_wal || !lock.as_ref().is_some_and(FileLock::was_stopped));
    let read = read_file(path, has_wal, checks).await;
    // the log's index, which reading makes or changes; nobody else's, as we have the lock
    if lock.is_some() && has_wal {
        _ = match index {
            Some(index) => fs::write(beside(path, "-shm"), index),
            None => fs::remove_file(beside(path, "-shm")),
        };
    }
    let found = read.map_err(|error| Refused::damaged(path, words_of(&error)))??;
    match in_use {
        Some(in_use) if found.schema < Some(newest(&SQLITE)) => Err(in_use),
        _ => Ok((found, lock)),
    }
}

/// Whether there is a file with something in it. Refused where it is none, or may not be read and written. The bits are
/// asked and not the system, which lets root do everything.
fn is_file(path: &Path) -> Result<bool, Refused> {
    use std::os::unix::fs::PermissionsExt;
    let denied = |what: &str| Refused::Unusable { path: path.to_owned(), what: what.to_owned(), then: OWNER };
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        read => read.map_err(|error| Refused::unusable(path, &error))?,
    };
    if !metadata.is_file() {
        let then = "Name a file in VESTIBULE_DATABASE_URL, or leave it out.";
        return Err(Refused::Unusable { path: path.to_owned(), what: "is no file".to_owned(), then });
    }
    let mode = metadata.permissions().mode();
    if mode & 0o444 == 0 {
        return Err(denied("can't be read: nobody may"));
    }
    if mode & 0o222 == 0 {
        return Err(denied("can't be written: it is read-only"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o222 == 0) {
        return Err(denied("can't be written: its folder is read-only"));
    }
    fs::OpenOptions::new().read(true).write(true).open(path).map_err(|error| Refused::unusable(path, &error))?;
    Ok(metadata.len() > 0)
}

/// The file's first page, by which SQLite knows its own, and whether the file is as long as that says. What a log
/// beside it still holds may be missing in it.
pub(super) fn check_header(path: &Path, has_wal: bool) -> Result<(), Refused> {
    let mut header = [0; 100];
    let mut file = File::open(path).map_err(|error| Refused::unusable(path, &error))?;
    let length = file.metadata().map_err(|error| Refused::unusable(path, &error))?.len();
    if file.read_exact(&mut header).is_err() || &header[..16] != b"SQLite format 3\0" {
        return Err(Refused::damaged(path, "the file is damaged: its header is not that of an SQLite database"));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let expected = u64::from(number(28)) * page;
    if !has_wal && number(24) == number(92) && length < expected {
        let what = format!("the file is damaged: it was cut off at {length} of {expected} bytes");
        return Err(Refused::damaged(path, what));
    }
    Ok(())
}

/// What is in the file. Opened for reading: without a log as it lies there, so that nothing is made beside it.
pub(super) async fn read_file(path: &Path, has_wal: bool, checks: bool) -> Result<Result<Found, Refused>, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!has_wal)
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let found = async {
        if checks && let Some(what) = what_is_unsound(&mut connection).await? {
            return Ok(Err(Refused::damaged(path, format!("the file is damaged: {what}"))));
        }
        read_found(&mut connection, path).await
    }
    .await;
    _ = connection.close().await;
    found
}

/// Tables that may have millions of rows: of each row only its organization is looked up.
const LARGE: [&str; 4] = ["invitations", "events", "mails", "redactions"];

/// What `quick_check` finds first; or, as pages of another database may fit in, an organization whose last event is not
/// the one that its row names, or a row whose organization, maker or person is in no page.
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
    // half of a copy has organizations before it has their events, and says of itself that it is half
    let is_ours = has("organizations") && has("events") && !has(MARK);
    let heads: i64 = if is_ours { sqlx::query_scalar(HEADS).fetch_one(&mut *connection).await? } else { 0 };
    if heads > 0 || is_ours && has_strangers(connection, &tables).await? {
        let what = "its parts are not of one moment: events or rows are missing, or its -wal is of another database";
        return Ok(Some(what.into()));
    }
    Ok(None)
}

/// Whether a row names one that is not there.
async fn has_strangers(connection: &mut SqliteConnection, tables: &[String]) -> Result<bool, Error> {
    for table in tables {
        let sql = match LARGE.contains(&&**table) {
            // the rows themselves, since the pages of an index may be others'
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

async fn read_found(connection: &mut SqliteConnection, path: &Path) -> Result<Result<Found, Refused>, Error> {
    const TABLES: &str = "select name from sqlite_master where type = 'table'";
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *connection).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if !has("_sqlx_migrations") {
        return Ok(match tables.is_empty() {
            true => Ok(Found::default()),
            false => Err(Refused::damaged(path, "is a database of another program")),
        });
    }
    let schema = sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&mut *connection).await?;
    let mut found = Found { schema, ..Found::default() };
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

async fn look_at_server(url: &str, name: &str, how: Look) -> Result<Found, Refused> {
    let unreachable = |error: Error| unreachable(name, &error);
    let options = PgConnectOptions::from_str(url).map_err(unreachable)?;
    let options = options.application_name("vestibule").disable_statement_logging();
    let connecting = tokio::time::timeout(CONNECT, options.connect()).await;
    let mut connection = connecting.map_err(|_| Refused::Unreachable {
        name: name.to_owned(),
        what: format!("the server has not answered within {} seconds", CONNECT.as_secs()),
        then: "Check that it runs and that this machine reaches it (database_url).",
    })?;
    let connection = connection.as_mut().map_err(|error| self::unreachable(name, error))?;
    let found = ask_server(connection).await.map_err(unreachable)?;
    match lacks(connection, &found, how).await.map_err(unreachable)? {
        Some(what) => Err(Refused::Unreachable { name: name.to_owned(), what, then: GRANT }),
        None => Ok(found),
    }
}

/// What this user may not do of what is to be done; none: all is allowed.
async fn lacks(connection: &mut PgConnection, found: &Found, how: Look) -> Result<Option<String>, Error> {
    const MAKE: &str = "select case when current_schema() is null then 'may use no schema'
        when not has_schema_privilege(current_schema(), 'create') then 'may make no tables in the schema ' || current_schema()
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
    let (needs_to_make, only_reads) = (how == Look::Fill || how != Look::Read && !is_current, how == Look::Read);
    let mut lacks: Option<String> = sqlx::query_scalar(USE).bind(only_reads).fetch_optional(&mut *connection).await?;
    for sql in [ALTER, MAKE].into_iter().filter(|_| needs_to_make) {
        if lacks.is_none() {
            lacks = sqlx::query_scalar(sql).fetch_optional(&mut *connection).await?.flatten();
        }
    }
    let user: String = sqlx::query_scalar("select current_user::text").fetch_one(connection).await?;
    Ok(lacks.map(|lacks| format!("the user {user} {lacks}")))
}

async fn ask_server(connection: &mut PgConnection) -> Result<Found, Error> {
    const TABLES: &str = "select table_name::text from information_schema.tables where table_schema = current_schema()";
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut *connection).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    let mut found = Found::default();
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

/// Whether a server has refused because its user lacks a right.
pub(super) fn is_denied(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.code().as_deref() == Some("42501"))
}

/// What a server's refusal means. Its own words hold no password.
pub(super) fn unreachable(name: &str, error: &Error) -> Refused {
    let code = match error {
        Error::Database(error) => error.code().unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    let then = match code.as_str() {
        "28P01" | "28000" => "Check user and password in database_url (or the file of VESTIBULE_DATABASE_URL_FILE).",
        "3D000" => "Make the database first (createdb), or name another in database_url.",
        "42501" => GRANT,
        _ => "Check that it runs and that this machine reaches it (database_url).",
    };
    Refused::Unreachable { name: name.to_owned(), what: words_of(error), then }
}

/// The database's own words, on one line and without a full stop.
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
