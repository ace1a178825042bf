//! The transfer of rows from one kind of database to the other, table by table: a backup of PostgreSQL is a SQLite
//! file, a backup is restored into PostgreSQL, and an installation moves from one to the other. Tables, columns and
//! their types are read from the databases' own catalogues, so that no list has to be maintained.

mod copy;
mod digest;
mod value;

pub use copy::copy_table;
pub use digest::{digest_of_file, digest_of_server};
pub use value::{ColumnKind, moment_of};

use super::{Error, open};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, SqliteConnection};

/// The memory that SQLite uses for a file that is filled, as `cache_size` takes it. Without it, each row of a large
/// table waits for pages of its keys.
pub const CACHE: &str = "-65536";

/// The number of rows that SQLite's thread may read ahead, so that it goes on while a batch is written.
pub const AHEAD: usize = 1_000;

/// A table that both databases have, with the same columns.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// The indexes in `columns` of the primary key's columns, in its order.
    key: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

/// The direction in which rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToFile,
}

/// Returns all tables, each after those that its rows refer to. Returns an error if the two databases differ in a table
/// or a column: then their schemas have to be brought up to date first.
pub async fn tables(file: &mut SqliteConnection, server: &mut PgConnection) -> Result<Vec<Table>, Error> {
    const SERVER: &str = "select table_name::text from information_schema.tables
        where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name not like '\\_%'
        order by table_name collate \"C\"";
    let names = names(file).await?;
    let mut sorted = names.clone();
    sorted.sort_unstable();
    let on_server: Vec<String> = sqlx::query_scalar(SERVER).fetch_all(&mut *server).await?;
    if sorted != on_server {
        return Err(differ(&format!("tables: {sorted:?} in the file, {on_server:?} on the server")));
    }
    let mut tables = Vec::new();
    for name in names {
        tables.push(Table::read(name, file, server).await?);
    }
    Ok(tables)
}

/// Returns the tables of a file, each after those that its rows refer to.
pub async fn names(file: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    const NAMES: &str = "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'
        and name not like 'sqlite\\_%' escape '\\' order by name";
    const REFERRED_TO: &str = "select \"table\" from pragma_foreign_key_list($1)";
    let mut left = Vec::new();
    for name in sqlx::query_scalar::<_, String>(NAMES).fetch_all(&mut *file).await? {
        let referred_to: Vec<String> = sqlx::query_scalar(REFERRED_TO).bind(&name).fetch_all(&mut *file).await?;
        left.push((name, referred_to));
    }
    let mut names: Vec<String> = Vec::new();
    while !left.is_empty() {
        let is_next = |(name, referred_to): &(String, Vec<String>)| {
            referred_to.iter().all(|other| other == name || names.contains(other))
        };
        let (next, later): (Vec<_>, Vec<_>) = left.into_iter().partition(is_next);
        if next.is_empty() {
            return Err(differ("references, which go in a circle"));
        }
        names.extend(next.into_iter().map(|(name, _)| name));
        left = later;
    }
    Ok(names)
}

/// Has the rows of a file that was filled indexed by their words later.
pub async fn index_later(file: &mut SqliteConnection) -> Result<(), Error> {
    const SQL: &str =
        "insert into _invitations_to_index select _row from invitations where true on conflict do nothing;
        insert into _members_to_index select _row from members where true on conflict do nothing;
        insert into _mails_to_index select _row from mails where organization_id is not null on conflict do nothing";
    sqlx::raw_sql(SQL).execute(file).await.map(drop)
}

/// Returns the number of rows in each table of a file.
pub async fn counts_of_file(file: &mut SqliteConnection) -> Result<Vec<(String, u64)>, Error> {
    let mut counts = Vec::new();
    for name in names(file).await? {
        let sql = format!("select count(*) from {}", quoted(&name));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *file).await?;
        counts.push((name, count.unsigned_abs()));
    }
    Ok(counts)
}

pub async fn count_of_file(file: &mut SqliteConnection, table: &Table) -> Result<u64, Error> {
    let sql = format!("select count(*) from {}", quoted(&table.name));
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(file).await?;
    Ok(count.unsigned_abs())
}

pub async fn count_of_server(server: &mut PgConnection, table: &Table) -> Result<u64, Error> {
    let sql = format!("select count(*) from {}", quoted(&table.name));
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(server).await?;
    Ok(count.unsigned_abs())
}

/// What a table has in addition to its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Indexes that are not part of the table. Those of a primary key or a `unique` are kept.
    Indexes,
    Triggers,
}

impl Extra {
    fn word(self) -> &'static str {
        if self == Self::Indexes { "index" } else { "trigger" }
    }

    fn select(self) -> String {
        let word = self.word();
        format!("select name, sql from sqlite_master where type = '{word}' and sql is not null order by rowid")
    }
}

/// Drops the indexes or the triggers of a file. Triggers would change what is copied, and an index is created in far
/// less time when all rows are there.
pub async fn drop_of_file(file: &mut SqliteConnection, extra: Extra) -> Result<(), Error> {
    let found: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(extra.select())).fetch_all(&mut *file).await?;
    for (name, _) in found {
        sqlx::raw_sql(AssertSqlSafe(format!("drop {} {}", extra.word(), quoted(&name)))).execute(&mut *file).await?;
    }
    Ok(())
}

/// Creates those that a fresh file has and this one has not, each in its own transaction if none is open. Calls `tell`
/// with the name of each.
pub async fn make_of_file(file: &mut SqliteConnection, extra: Extra, mut tell: impl FnMut(&str)) -> Result<(), Error> {
    let mut fresh = SqliteConnectOptions::new().in_memory(true).connect().await?;
    open::SQLITE.run(&mut fresh).await?;
    let wanted: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(extra.select())).fetch_all(&mut fresh).await?;
    let found: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(extra.select())).fetch_all(&mut *file).await?;
    for (name, sql) in wanted.into_iter().filter(|wanted| !found.contains(wanted)) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *file).await?;
        tell(&name);
    }
    Ok(())
}

/// An index or a foreign key that is created when all rows are there.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Later {
    pub name: String,
    /// The statement that creates it.
    pub sql: String,
}

/// Drops the indexes and the foreign keys of a server's tables: checking them row by row costs more time than all at
/// once. Returns what has to be created later, in this order. Those of a primary key or a `unique` are kept.
pub async fn strip_server(server: &mut PgConnection, tables: &[Table]) -> Result<Vec<Later>, Error> {
    const INDEXES: &str = "select c.relname::text, pg_get_indexdef(c.oid), format('drop index %I', c.relname)
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
        where t.relnamespace = (select oid from pg_namespace where nspname = current_schema()) and t.relname = any($1)
            and not exists (select 1 from pg_constraint where conindid = c.oid)
        order by c.relname collate \"C\"";
    const KEYS: &str = "select c.conname::text,
            format('alter table %I add constraint %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid)),
            format('alter table %I drop constraint %I', t.relname, c.conname)
        from pg_constraint c join pg_class t on t.oid = c.conrelid
        where t.relnamespace = (select oid from pg_namespace where nspname = current_schema()) and t.relname = any($1)
            and c.contype = 'f'
        order by t.relname collate \"C\", c.conname collate \"C\"";
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let mut found: Vec<(String, String, String)> = sqlx::query_as(INDEXES).bind(&names).fetch_all(&mut *server).await?;
    found.extend(sqlx::query_as::<_, (String, String, String)>(KEYS).bind(&names).fetch_all(&mut *server).await?);
    // a foreign key is dropped before the index that it may need
    for (_, _, undo) in found.iter().rev() {
        sqlx::raw_sql(AssertSqlSafe(undo.clone())).execute(&mut *server).await?;
    }
    Ok(found.into_iter().map(|(name, sql, _)| Later { name, sql }).collect())
}

impl Later {
    /// Creates it in the open transaction.
    pub async fn make(&self, server: &mut PgConnection) -> Result<(), Error> {
        sqlx::raw_sql(AssertSqlSafe(self.sql.clone())).execute(server).await.map(drop)
    }
}

/// Enables or disables our own triggers on a server. Those for foreign keys are always enabled.
pub async fn set_triggers(server: &mut PgConnection, tables: &[Table], act: bool) -> Result<(), Error> {
    let word = if act { "enable" } else { "disable" };
    for table in tables {
        let sql = format!("alter table {} {word} trigger user", quoted(&table.name));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *server).await?;
    }
    Ok(())
}

/// Removes all rows of a table, because rows that migrations create are copied like all others.
pub async fn clear_file(file: &mut SqliteConnection, table: &Table) -> Result<(), Error> {
    let sql = format!("delete from {}", quoted(&table.name));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(file).await.map(drop)
}

/// Removes all rows of all tables.
pub async fn clear_server(server: &mut PgConnection, tables: &[Table]) -> Result<(), Error> {
    for table in tables.iter().rev() {
        let sql = format!("delete from {}", quoted(&table.name));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *server).await?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn differ(what: &str) -> Error {
    Error::Protocol(format!("the two databases differ in their {what}"))
}

impl Table {
    async fn read(name: String, file: &mut SqliteConnection, server: &mut PgConnection) -> Result<Self, Error> {
        // a table whose key is the number of the row has another by the id
        const FILE: &str = "select name, case when exists (select 1 from pragma_table_info($1) where name = '_row')
            then name = 'id' else pk end from pragma_table_info($1) where name <> '_row'";
        const SERVER: &str = "select column_name::text, data_type::text from information_schema.columns
            where table_schema = current_schema() and table_name = $1 order by ordinal_position";
        let in_file: Vec<(String, i64)> = sqlx::query_as(FILE).bind(&name).fetch_all(file).await?;
        let on_server: Vec<(String, String)> = sqlx::query_as(SERVER).bind(&name).fetch_all(server).await?;
        let columns: Vec<Column> = on_server
            .into_iter()
            .map(|(column, data_type)| match ColumnKind::of(&data_type) {
                Some(kind) => Ok(Column { name: column, kind }),
                None => Err(differ(&format!("columns: {name}.{column} is {data_type}, which is unknown"))),
            })
            .collect::<Result<_, _>>()?;
        let is_there = |(column, _): &(String, i64)| columns.iter().any(|known| known.name == *column);
        if in_file.len() != columns.len() || !in_file.iter().all(is_there) {
            return Err(differ(&format!("columns of {name}")));
        }
        let mut key: Vec<(i64, usize)> = columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| {
                let (_, place) = in_file.iter().find(|(name, _)| *name == column.name)?;
                (*place > 0).then_some((*place, at))
            })
            .collect();
        key.sort_unstable();
        let key: Vec<usize> = key.into_iter().map(|(_, at)| at).collect();
        if key.is_empty() {
            return Err(differ(&format!("keys: {name} has none")));
        }
        Ok(Self { name, columns, key })
    }

    fn list(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        names.join(", ")
    }

    /// Returns the statement for all rows in the order of the key or, if `is_after`, for those after the key that is
    /// bound. Text is compared by bytes, so that the order is the same in both databases.
    fn select(&self, of: Way, is_after: bool) -> String {
        let key = self.ordered(of);
        let places: Vec<String> = (1..=self.key.len()).map(|place| format!("${place}")).collect();
        let after = if is_after { format!("where ({key}) > ({})", places.join(", ")) } else { String::new() };
        format!("select {} from {} {after} order by {key}", self.list(), quoted(&self.name))
    }

    /// Returns the statement for the last row in the order of the key.
    fn select_last(&self, of: Way) -> String {
        let key = self.ordered(of).replace(", ", " desc, ");
        format!("select {} from {} order by {key} desc limit 1", self.list(), quoted(&self.name))
    }

    /// Returns the key's columns as terms to sort by, for the source of `way`.
    fn ordered(&self, way: Way) -> String {
        let column = |at: &usize| {
            let column = &self.columns[*at];
            let collation = if way == Way::ToFile && column.kind == ColumnKind::Text { " collate \"C\"" } else { "" };
            quoted(&column.name) + collation
        };
        self.key.iter().map(column).collect::<Vec<_>>().join(", ")
    }
}
