//! Rows from one database to the other kind, table by table: a backup of PostgreSQL is a SQLite file, and a SQLite file is
//! put back into PostgreSQL. What the columns are, PostgreSQL's own catalogue says, so that no list is to be kept.

use super::Error;
use crate::domain::Instant;
use futures::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

/// Rows written by one statement.
const BATCH: usize = 200;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Id,
    Number,
    Flag,
    Text,
    Json,
    Bytes,
    At,
}

struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

enum Value {
    Id(Option<Uuid>),
    Number(Option<i64>),
    Flag(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    At(Option<Instant>),
}

/// Copies all rows of PostgreSQL into a SQLite file that has its tables and nothing in them. `source` is in a transaction
/// that reads one moment, `target` in one that writes.
pub async fn to_sqlite(source: &mut PgConnection, target: &mut SqliteConnection) -> Result<(), Error> {
    let triggers = take_triggers(target).await?;
    for table in tables(target, source).await? {
        let select = format!("select {} from {}", table.list(|(name, _)| quoted(name)), quoted(&table.name));
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *source);
        let mut batch = Vec::new();
        while let Some(row) = rows.try_next().await? {
            batch.push(table.of_postgres(&row)?);
            if batch.len() == BATCH {
                table.insert_sqlite(target, std::mem::take(&mut batch)).await?;
            }
        }
        table.insert_sqlite(target, batch).await?;
    }
    for sql in triggers {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *target).await?;
    }
    Ok(())
}

/// Copies all rows of a SQLite file into a PostgreSQL database that has its tables and nothing in them, inside the
/// transaction of `target`.
pub async fn to_postgres(source: &mut SqliteConnection, target: &mut PgConnection) -> Result<(), Error> {
    for table in tables(source, target).await? {
        let name = quoted(&table.name);
        sqlx::raw_sql(AssertSqlSafe(format!("alter table {name} disable trigger user"))).execute(&mut *target).await?;
        let select = format!("select {} from {name}", table.list(|(name, _)| quoted(name)));
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *source);
        let mut batch = Vec::new();
        while let Some(row) = rows.try_next().await? {
            batch.push(table.of_sqlite(&row)?);
            if batch.len() == BATCH {
                table.insert_postgres(target, std::mem::take(&mut batch)).await?;
            }
        }
        table.insert_postgres(target, batch).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("alter table {name} enable trigger user"))).execute(&mut *target).await?;
    }
    Ok(())
}

/// How many rows each table has, by name.
pub async fn counts(file: &mut SqliteConnection) -> Result<Vec<(String, i64)>, Error> {
    let mut counts = Vec::new();
    for name in names(file).await? {
        let sql = format!("select count(*) from {}", quoted(&name));
        let count = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *file).await?;
        counts.push((name, count));
    }
    Ok(counts)
}

/// The tables in the order in which they were made, so that what a row names is there before it.
async fn names(file: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    const SQL: &str = "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'
        and name not like 'sqlite\\_%' escape '\\' order by rowid";
    sqlx::query_scalar(SQL).fetch_all(file).await
}

async fn tables(file: &mut SqliteConnection, server: &mut PgConnection) -> Result<Vec<Table>, Error> {
    const COLUMNS: &str = "select column_name::text, data_type::text from information_schema.columns
        where table_schema = current_schema() and table_name = $1 order by ordinal_position";
    let mut tables = Vec::new();
    for name in names(file).await? {
        let columns: Vec<(String, String)> = sqlx::query_as(COLUMNS).bind(&name).fetch_all(&mut *server).await?;
        let kind = |(column, kind): (String, String)| match kind.as_str() {
            "uuid" => Ok((column, Kind::Id)),
            "bigint" => Ok((column, Kind::Number)),
            "boolean" => Ok((column, Kind::Flag)),
            "text" => Ok((column, Kind::Text)),
            "jsonb" => Ok((column, Kind::Json)),
            "bytea" => Ok((column, Kind::Bytes)),
            "timestamp with time zone" => Ok((column, Kind::At)),
            other => Err(Error::Protocol(format!("{column} is of the type {other}, which is not known here"))),
        };
        tables.push(Table { columns: columns.into_iter().map(kind).collect::<Result<_, _>>()?, name });
    }
    Ok(tables)
}

/// Takes the triggers away, which would change what is copied; returns how they are made again.
async fn take_triggers(file: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    let triggers: Vec<(String, String)> =
        sqlx::query_as("select name, sql from sqlite_master where type = 'trigger'").fetch_all(&mut *file).await?;
    for (name, _) in &triggers {
        sqlx::raw_sql(AssertSqlSafe(format!("drop trigger {}", quoted(name)))).execute(&mut *file).await?;
    }
    Ok(triggers.into_iter().map(|(_, sql)| sql).collect())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

macro_rules! read_row {
    ($self:expr, $row:expr, $json:expr) => {{
        let read = $self.columns.iter().enumerate().map(|(at, (_, kind))| {
            Ok(match kind {
                Kind::Id => Value::Id($row.try_get(at)?),
                Kind::Number => Value::Number($row.try_get(at)?),
                Kind::Flag => Value::Flag($row.try_get(at)?),
                Kind::Text => Value::Text($row.try_get(at)?),
                Kind::Json => Value::Text($json($row, at)?),
                Kind::Bytes => Value::Bytes($row.try_get(at)?),
                Kind::At => Value::At($row.try_get(at)?),
            })
        });
        read.collect()
    }};
}

impl Table {
    fn list(&self, each: impl Fn(&(String, Kind)) -> String) -> String {
        self.columns.iter().map(each).collect::<Vec<_>>().join(", ")
    }

    fn of_postgres(&self, row: &PgRow) -> Result<Vec<Value>, Error> {
        let json = |row: &PgRow, at: usize| {
            let value: Option<serde_json::Value> = row.try_get(at)?;
            Ok::<_, Error>(value.map(|value| value.to_string()))
        };
        read_row!(self, row, json)
    }

    fn of_sqlite(&self, row: &SqliteRow) -> Result<Vec<Value>, Error> {
        let json = |row: &SqliteRow, at: usize| row.try_get::<Option<String>, _>(at);
        read_row!(self, row, json)
    }

    async fn insert_sqlite(&self, target: &mut SqliteConnection, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        let names = self.list(|(name, _)| quoted(name));
        let places: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        let sql = format!("insert into {} ({names}) values ({})", quoted(&self.name), places.join(", "));
        for row in rows {
            let query: Query<'_, Sqlite, _> = sqlx::query(AssertSqlSafe(sql.clone()));
            let bound = row.into_iter().fold(query, |query, value| match value {
                Value::Id(id) => query.bind(id),
                Value::Number(number) => query.bind(number),
                Value::Flag(flag) => query.bind(flag),
                Value::Text(text) => query.bind(text),
                Value::Bytes(bytes) => query.bind(bytes),
                Value::At(at) => query.bind(at),
            });
            bound.execute(&mut *target).await?;
        }
        Ok(())
    }

    /// All rows by one statement: a list for each column.
    async fn insert_postgres(&self, target: &mut PgConnection, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let names = self.list(|(name, _)| quoted(name));
        let reads = self.list(|(name, kind)| quoted(name) + if *kind == Kind::Json { "::jsonb" } else { "" });
        let lists: Vec<String> =
            self.columns.iter().enumerate().map(|(at, (_, kind))| format!("${}::{}[]", at + 1, kind.list_of())).collect();
        let sql = format!(
            "insert into {} ({names}) select {reads} from unnest({}) as t ({names})",
            quoted(&self.name),
            lists.join(", ")
        );
        let mut columns: Vec<Vec<Value>> = self.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            row.into_iter().zip(&mut columns).for_each(|(value, column)| column.push(value));
        }
        let query: Query<'_, Postgres, _> = sqlx::query(AssertSqlSafe(sql));
        let bound = columns.into_iter().zip(&self.columns).fold(query, |query, (values, (_, kind))| match kind {
            Kind::Id => query.bind(values.into_iter().map(|v| if let Value::Id(v) = v { v } else { None }).collect::<Vec<_>>()),
            Kind::Number => {
                query.bind(values.into_iter().map(|v| if let Value::Number(v) = v { v } else { None }).collect::<Vec<_>>())
            }
            Kind::Flag => {
                query.bind(values.into_iter().map(|v| if let Value::Flag(v) = v { v } else { None }).collect::<Vec<_>>())
            }
            Kind::Text | Kind::Json => {
                query.bind(values.into_iter().map(|v| if let Value::Text(v) = v { v } else { None }).collect::<Vec<_>>())
            }
            Kind::Bytes => {
                query.bind(values.into_iter().map(|v| if let Value::Bytes(v) = v { v } else { None }).collect::<Vec<_>>())
            }
            Kind::At => query.bind(values.into_iter().map(|v| if let Value::At(v) = v { v } else { None }).collect::<Vec<_>>()),
        });
        bound.execute(target).await.map(drop)
    }
}

impl Kind {
    fn list_of(self) -> &'static str {
        match self {
            Self::Id => "uuid",
            Self::Number => "bigint",
            Self::Flag => "boolean",
            Self::Text | Self::Json => "text",
            Self::Bytes => "bytea",
            Self::At => "timestamptz",
        }
    }
}
