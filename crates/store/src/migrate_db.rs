//! The move of an installation from a database of one kind to one of the other. The copy is committed in steps, so that
//! it can be stopped at any moment and continues from there. Until everything has been compared, a mark in the target
//! says that it is half a copy.

use super::backup::{CopyError, connect, is_used};
use super::lock::{FileLock, Purpose};
use super::open::{self, InspectFor, MARK, inspect};
use super::transfer::{self, Extra, Later, Table, Way};
use super::{Error, Store, make_private};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use vestibule_domain::token::SigningKeys;

/// The addresses of source and target.
#[derive(Clone, Debug)]
pub struct MigrationUrls {
    pub from: String,
    pub to: String,
}

/// A step that has been done.
#[derive(Clone, Copy, Debug)]
pub enum MigrationProgress<'a> {
    Copied {
        table: &'a str,
        rows: u64,
        of: u64,
    },
    /// An index or a foreign key was created.
    Made {
        name: &'a str,
    },
    Compared {
        table: &'a str,
    },
    Verified {
        organization: &'a str,
    },
}

/// What was moved.
#[derive(Clone, Debug, Default)]
pub struct MigrationTotals {
    /// Each table with its rows and its checksum, which are the same on both sides.
    pub tables: Vec<(String, u64, String)>,
    pub organizations: u64,
    pub events: u64,
    /// Whether the ends of the chains were compared with the key.
    pub has_seals: bool,
}

/// Both databases, opened. The source is not written to.
struct Connections {
    file: SqliteConnection,
    server: PgConnection,
    way: Way,
    tables: Vec<Table>,
}

/// The table on the server that lists what still has to be created there.
const LATER: &str = "_transfer_later";

const AGAIN: &str =
    "Empty the target (drop its tables, or delete its file), make sure nothing uses the source, and run this again.";

impl MigrationUrls {
    /// Returns an error unless one address is SQLite and the other PostgreSQL.
    pub fn new(from: &str, to: &str) -> Result<Self, CopyError> {
        let refused = |words: &str| Err(CopyError::Addresses(words.to_owned()));
        for (option, url) in [("--from", from), ("--to", to)] {
            let is_server = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
            if is_server && PgConnectOptions::from_str(url).is_err() {
                return refused(&format!(
                    "{option}: this is not an address of PostgreSQL (postgres://user@host/database)."
                ));
            }
            if !is_server && Store::file_of(url).is_none_or(|path| path.as_os_str().is_empty()) {
                return refused(&format!(
                    "{option}: give an address like sqlite:/path/to/vestibule.db or postgres://user@host/database."
                ));
            }
        }
        match (Store::file_of(from).is_some(), Store::file_of(to).is_some()) {
            (true, true) => {
                refused("Both addresses are SQLite. To copy one, use `vestibule backup` and `vestibule restore`.")
            }
            (false, false) => refused("Both addresses are PostgreSQL. To copy one, use pg_dump and pg_restore."),
            _ => Ok(Self { from: from.to_owned(), to: to.to_owned() }),
        }
    }

    fn way(&self) -> Way {
        if Store::file_of(&self.from).is_some() { Way::ToServer } else { Way::ToFile }
    }

    fn server(&self) -> &str {
        if self.way() == Way::ToServer { &self.to } else { &self.from }
    }

    /// Copies what is not copied yet, compares everything, and makes the target ready to be served from.
    pub async fn migrate(
        &self,
        signing_keys: Option<&SigningKeys>,
        mut tell: impl FnMut(MigrationProgress<'_>),
    ) -> Result<MigrationTotals, CopyError> {
        let _locks = self.inspect().await?;
        let mut ends = self.open().await?;
        self.begin(&mut ends).await?;
        ends.copy(&mut tell).await?;
        ends.make_what_was_put_off(&mut tell).await?;
        let mut moved = MigrationTotals { tables: ends.compare(&mut tell).await?, ..MigrationTotals::default() };
        self.verify(signing_keys, &mut moved, &mut tell).await?;
        self.finish(ends).await?;
        Ok(moved)
    }

    /// Checks both databases before anything is written, and takes the locks of files.
    async fn inspect(&self) -> Result<Vec<FileLock>, CopyError> {
        let (_, _) = inspect(&self.from, InspectFor::Read).await?;
        let (found, lock) = inspect(&self.to, InspectFor::Fill).await?;
        if found.is_used && !found.is_half_done {
            let then = "An installation is moved into an empty database only.";
            return Err(CopyError::NotEmpty { name: open::name_of(&self.to), then });
        }
        let mut locks: Vec<FileLock> = lock.into_iter().collect();
        match Store::file_of(&self.from) {
            Some(path) => locks.push(FileLock::take(path, Purpose::Serve).await?),
            None => {
                let path = Store::file_of(&self.to).expect("one of them is a file");
                make_private(path).map_err(|error| open::OpenDatabaseError::unusable(path, &error))?;
                if locks.is_empty() {
                    locks.push(FileLock::take(path, Purpose::Serve).await?);
                }
            }
        }
        Ok(locks)
    }

    async fn open(&self) -> Result<Connections, CopyError> {
        let (way, mut server) = (self.way(), connect(self.server(), "vestibule migrate-db").await?);
        self.refuse_others(&mut server).await?;
        let mut file = match way {
            Way::ToServer => open_source(Store::file_of(&self.from).expect("it is a file")).await?,
            Way::ToFile => open_target(Store::file_of(&self.to).expect("it is a file")).await?,
        };
        match way {
            Way::ToServer => open::POSTGRES.run(&mut server).await.map_err(Error::from)?,
            Way::ToFile => open::SQLITE.run(&mut file).await.map_err(Error::from)?,
        }
        let tables = transfer::tables(&mut file, &mut server).await?;
        let mut ends = Connections { file, server, way, tables };
        if way == Way::ToFile {
            ends.lock_source().await.map_err(|error| match open::is_denied(&error) {
                true => open::unreachable(&open::name_of(&self.from), &error).into(),
                false => CopyError::from(error),
            })?;
        }
        Ok(ends)
    }

    /// Returns an error if other instances use the server's database: they would go on with the old one, or write into
    /// the new one.
    async fn refuse_others(&self, server: &mut PgConnection) -> Result<(), CopyError> {
        const SQL: &str = "select count(*) from pg_stat_activity where datname = current_database()
            and application_name = 'vestibule' and pid <> pg_backend_pid()";
        let mut count = 0;
        // one of ours may need a moment to disconnect
        for _ in 0..20 {
            count = sqlx::query_scalar(SQL).fetch_one(&mut *server).await?;
            if count == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(CopyError::Connected { name: open::name_of(self.server()), count })
    }

    /// Marks the target as half of a copy of this source, or checks that it is marked already.
    async fn begin(&self, ends: &mut Connections) -> Result<(), CopyError> {
        let moment = ends.moment().await?;
        match ends.marked().await? {
            Some(marked) if marked == moment => Ok(()),
            Some(_) => Err(CopyError::Differs(format!(
                "{}: this is half of a copy of another database, or the source was written to after the copy began. {AGAIN}",
                open::name_of(&self.to)
            ))),
            None => {
                if ends.target_is_used().await? {
                    let then = "An installation is moved into an empty database only.";
                    return Err(CopyError::NotEmpty { name: open::name_of(&self.to), then });
                }
                Ok(ends.mark(&moment).await?)
            }
        }
    }

    /// Checks the chain of every organization in the target.
    async fn verify(
        &self,
        signing_keys: Option<&SigningKeys>,
        moved: &mut MigrationTotals,
        tell: &mut impl FnMut(MigrationProgress<'_>),
    ) -> Result<(), CopyError> {
        let store = Store::open_to_read(&self.to).await?;
        if let Some(signing_keys) = signing_keys {
            store.seals().know(signing_keys);
            moved.has_seals = true;
        }
        let verified = async {
            for (id, slug) in store.all_organizations().await? {
                let verdict = store.verify_chain(id, |_| ()).await?;
                if let Some(flaw) = verdict.flaw {
                    return Err(CopyError::Differs(format!(
                        "{slug}: {flaw}. Run `vestibule check` on the source for more. The source was not changed."
                    )));
                }
                moved.events += verdict.count;
                moved.organizations += 1;
                tell(MigrationProgress::Verified { organization: &slug });
            }
            Ok(())
        }
        .await;
        store.close().await;
        verified
    }

    /// Removes the mark, in the transaction that enables the triggers again.
    async fn finish(&self, mut ends: Connections) -> Result<(), CopyError> {
        let unmark = AssertSqlSafe(format!("drop table if exists {LATER}; drop table {MARK}"));
        match ends.way {
            Way::ToServer => {
                sqlx::raw_sql("begin").execute(&mut ends.server).await?;
                transfer::set_triggers(&mut ends.server, &ends.tables, true).await?;
                sqlx::raw_sql(unmark).execute(&mut ends.server).await?;
                sqlx::raw_sql("commit").execute(&mut ends.server).await?;
                sqlx::raw_sql("analyze").execute(&mut ends.server).await?;
            }
            Way::ToFile => {
                sqlx::raw_sql("begin").execute(&mut ends.file).await?;
                transfer::make_of_file(&mut ends.file, Extra::Triggers, |_| ()).await?;
                transfer::index_later(&mut ends.file).await?;
                sqlx::raw_sql(unmark).execute(&mut ends.file).await?;
                sqlx::raw_sql("commit").execute(&mut ends.file).await?;
                sqlx::raw_sql("analyze").execute(&mut ends.file).await?;
            }
        }
        ends.server.close().await?;
        ends.file.close().await?;
        Ok(())
    }
}

/// Opens the file as it is, with what its log still holds.
async fn open_source(path: &Path) -> Result<SqliteConnection, Error> {
    let is_still = !super::lock::beside(path, "-wal").exists();
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(is_still);
    options.row_buffer_size(transfer::AHEAD).connect().await
}

async fn open_target(path: &Path) -> Result<SqliteConnection, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        // if the process is killed during a commit, it leaves a log that the next start reads
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", transfer::CACHE)
        .row_buffer_size(transfer::AHEAD)
        .busy_timeout(Duration::from_secs(10));
    options.connect().await
}

impl Connections {
    /// Locks the source, so that nobody writes to a server that is copied. Writers wait, and get an error in the end.
    async fn lock_source(&mut self) -> Result<(), Error> {
        let names: Vec<String> = self.tables.iter().map(|table| format!("\"{}\"", table.name)).collect();
        sqlx::raw_sql("begin isolation level repeatable read").execute(&mut self.server).await?;
        let lock = format!("lock table {} in share mode", names.join(", "));
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut self.server).await.map(drop)
    }

    /// Returns a digest of the numbers of rows in the source and of the ends of all chains. Any write changes it.
    async fn moment(&mut self) -> Result<String, Error> {
        const HEADS: &str = "select event_count, event_hash from organizations order by id";
        let mut digest = Sha256::new();
        let heads: Vec<(i64, Vec<u8>)> = match self.way {
            Way::ToServer => sqlx::query_as(HEADS).fetch_all(&mut self.file).await?,
            Way::ToFile => sqlx::query_as(HEADS).fetch_all(&mut self.server).await?,
        };
        for (number, hash) in heads {
            digest.update(number.to_be_bytes());
            digest.update(hash);
        }
        for table in self.tables.clone() {
            digest.update(self.source_rows(&table).await?.to_be_bytes());
        }
        let digest: [u8; 32] = digest.finalize().into();
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    async fn source_rows(&mut self, table: &Table) -> Result<u64, Error> {
        match self.way {
            Way::ToServer => transfer::count_of_file(&mut self.file, table).await,
            Way::ToFile => transfer::count_of_server(&mut self.server, table).await,
        }
    }

    async fn target_rows(&mut self, table: &Table) -> Result<u64, Error> {
        match self.way {
            Way::ToServer => transfer::count_of_server(&mut self.server, table).await,
            Way::ToFile => transfer::count_of_file(&mut self.file, table).await,
        }
    }

    /// Returns what the mark in the target says about its source, or `None` without a mark.
    async fn marked(&mut self) -> Result<Option<String>, Error> {
        const FILE: &str = "select count(*) from sqlite_master where name = '_transfer'";
        const SERVER: &str = "select count(*) from information_schema.tables
            where table_schema = current_schema() and table_name = '_transfer'";
        const MARKED: &str = "select source from _transfer";
        match self.way {
            Way::ToServer => {
                let count: i64 = sqlx::query_scalar(SERVER).fetch_one(&mut self.server).await?;
                if count == 0 { Ok(None) } else { sqlx::query_scalar(MARKED).fetch_optional(&mut self.server).await }
            }
            Way::ToFile => {
                let count: i64 = sqlx::query_scalar(FILE).fetch_one(&mut self.file).await?;
                if count == 0 { Ok(None) } else { sqlx::query_scalar(MARKED).fetch_optional(&mut self.file).await }
            }
        }
    }

    async fn target_is_used(&mut self) -> Result<bool, Error> {
        const SQL: &str = "select exists (select 1 from users) or exists (select 1 from organizations)";
        match self.way {
            Way::ToServer => is_used(&mut self.server).await,
            Way::ToFile => sqlx::query_scalar(SQL).fetch_one(&mut self.file).await,
        }
    }

    async fn mark(&mut self, moment: &str) -> Result<(), Error> {
        let make = AssertSqlSafe(format!("create table {MARK} (source text not null)"));
        let insert = AssertSqlSafe(format!("insert into {MARK} (source) values ($1)"));
        match self.way {
            Way::ToServer => {
                sqlx::raw_sql("begin").execute(&mut self.server).await?;
                transfer::clear_server(&mut self.server, &self.tables).await?;
                transfer::set_triggers(&mut self.server, &self.tables, false).await?;
                self.put_off().await?;
                sqlx::raw_sql(make).execute(&mut self.server).await?;
                sqlx::query(insert).bind(moment).execute(&mut self.server).await?;
                sqlx::raw_sql("commit").execute(&mut self.server).await.map(drop)
            }
            Way::ToFile => {
                sqlx::raw_sql("begin").execute(&mut self.file).await?;
                for table in self.tables.iter().rev() {
                    transfer::clear_file(&mut self.file, table).await?;
                }
                for extra in [Extra::Triggers, Extra::Indexes] {
                    transfer::drop_of_file(&mut self.file, extra).await?;
                }
                sqlx::raw_sql(make).execute(&mut self.file).await?;
                sqlx::query(insert).bind(moment).execute(&mut self.file).await?;
                sqlx::raw_sql("commit").execute(&mut self.file).await.map(drop)
            }
        }
    }

    /// Drops the server's indexes and foreign keys, and stores next to the mark how to create them again.
    async fn put_off(&mut self) -> Result<(), Error> {
        let make = AssertSqlSafe(format!(
            "create table {LATER} (number bigint primary key, name text not null, sql text not null)"
        ));
        let insert = format!("insert into {LATER} (number, name, sql) values ($1, $2, $3)");
        sqlx::raw_sql(make).execute(&mut self.server).await?;
        for (number, later) in (1_i64..).zip(transfer::strip_server(&mut self.server, &self.tables).await?) {
            let query = sqlx::query(AssertSqlSafe(insert.clone())).bind(number).bind(later.name).bind(later.sql);
            query.execute(&mut self.server).await?;
        }
        Ok(())
    }

    /// Creates what was put off, each in its own transaction.
    async fn make_what_was_put_off(&mut self, tell: &mut impl FnMut(MigrationProgress<'_>)) -> Result<(), Error> {
        if self.way == Way::ToFile {
            let told = |name: &str| tell(MigrationProgress::Made { name });
            return transfer::make_of_file(&mut self.file, Extra::Indexes, told).await;
        }
        let next = format!("delete from {LATER} where number = (select min(number) from {LATER}) returning name, sql");
        loop {
            sqlx::raw_sql("begin").execute(&mut self.server).await?;
            let later: Option<Later> =
                sqlx::query_as(AssertSqlSafe(next.clone())).fetch_optional(&mut self.server).await?;
            if let Some(later) = &later {
                later.make(&mut self.server).await?;
            }
            sqlx::raw_sql("commit").execute(&mut self.server).await?;
            match later {
                Some(later) => tell(MigrationProgress::Made { name: &later.name }),
                None => return Ok(()),
            }
        }
    }

    async fn copy(&mut self, tell: &mut impl FnMut(MigrationProgress<'_>)) -> Result<(), Error> {
        for table in self.tables.clone() {
            let (of, before) = (self.source_rows(&table).await?, self.target_rows(&table).await?);
            let mut told = |rows: u64| tell(MigrationProgress::Copied { table: &table.name, rows: before + rows, of });
            told(0);
            transfer::copy_table((&mut self.file, &mut self.server), self.way, &table, true, &mut told).await?;
        }
        Ok(())
    }

    /// Compares every table on both sides, row by row.
    async fn compare(
        &mut self,
        tell: &mut impl FnMut(MigrationProgress<'_>),
    ) -> Result<Vec<(String, u64, String)>, CopyError> {
        let mut compared = Vec::new();
        for table in &self.tables {
            let (in_file, on_server) = tokio::try_join!(
                transfer::digest_of_file(&mut self.file, table),
                transfer::digest_of_server(&mut self.server, table)
            )?;
            if in_file != on_server {
                return Err(CopyError::Differs(format!(
                    "The table {} is not the same on both sides: {} rows in the file and {} on the server. Somebody wrote to one of them meanwhile. {AGAIN}",
                    table.name, in_file.rows, on_server.rows
                )));
            }
            compared.push((table.name.clone(), in_file.rows, in_file.to_string()));
            tell(MigrationProgress::Compared { table: &table.name });
        }
        Ok(compared)
    }
}
