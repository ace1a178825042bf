//! The copying of a table's rows.

use super::value::{ColumnKind, Row, Value, bind};
use super::{Table, Way, quoted};
use crate::Error;
use futures::TryStreamExt;
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use vestibule_domain::Instant;

/// The number of rows per commit.
const CHUNK: usize = 5_000;
/// The number of rows per statement on a server.
const BATCH: usize = 500;
/// The number of rows per statement in a file, which needs a placeholder for every value.
const FILE_BATCH: usize = 50;

/// Copies the rows of a table in the order of its key, starting after the last one that is there. With `commits`, every
/// [`CHUNK`] rows are a transaction of their own; otherwise it runs in one that is open. Calls `tell` after each batch
/// with the number of rows copied so far.
pub async fn copy_table(
    (file, server): (&mut SqliteConnection, &mut PgConnection),
    way: Way,
    table: &Table,
    commits: bool,
    mut tell: impl FnMut(u64),
) -> Result<(), Error> {
    match way {
        Way::ToServer => {
            let after = table.last_of_server(server).await?;
            let sql = table.select(Way::ToServer, after.is_some());
            let query = after
                .into_iter()
                .flatten()
                .fold(sqlx::query(AssertSqlSafe(sql)), |query, value| bind!(query, value, file));
            let mut rows = query.fetch(file);
            let mut writer = ToServer { server, table, commits, pending: Vec::new(), written: 0 };
            while let Some(row) = rows.try_next().await? {
                writer.add(table.of_file(&row)?, &mut tell).await?;
            }
            writer.end(&mut tell).await
        }
        Way::ToFile => {
            let after = table.last_of_file(file).await?;
            let sql = table.select(Way::ToFile, after.is_some());
            let query = after
                .into_iter()
                .flatten()
                .fold(sqlx::query(AssertSqlSafe(sql)), |query, value| bind!(query, value, server));
            let mut rows = query.fetch(server);
            let mut writer = ToFile { file, table, commits, pending: Vec::new(), written: 0 };
            while let Some(row) = rows.try_next().await? {
                writer.add(table.of_server(&row)?, &mut tell).await?;
            }
            writer.end(&mut tell).await
        }
    }
}

/// The rows that wait until they fill a batch or a chunk.
macro_rules! writer {
    ($name:ident, $side:ident, $connection:ty, $insert:ident) => {
        struct $name<'a> {
            $side: &'a mut $connection,
            table: &'a Table,
            commits: bool,
            pending: Vec<Row>,
            written: u64,
        }

        impl $name<'_> {
            async fn add(&mut self, row: Row, tell: &mut impl FnMut(u64)) -> Result<(), Error> {
                self.pending.push(row);
                let most = if self.commits { CHUNK } else { BATCH };
                if self.pending.len() >= most { self.end(tell).await } else { Ok(()) }
            }

            async fn end(&mut self, tell: &mut impl FnMut(u64)) -> Result<(), Error> {
                if self.pending.is_empty() {
                    return Ok(());
                }
                let rows = std::mem::take(&mut self.pending);
                let count = rows.len() as u64;
                if self.commits {
                    sqlx::raw_sql("begin").execute(&mut *self.$side).await?;
                }
                let mut rows = rows.into_iter().peekable();
                while rows.peek().is_some() {
                    let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
                    self.table.$insert(self.$side, batch).await?;
                }
                if self.commits {
                    sqlx::raw_sql("commit").execute(&mut *self.$side).await?;
                }
                self.written += count;
                tell(self.written);
                Ok(())
            }
        }
    };
}
writer!(ToServer, server, PgConnection, insert_on_server);
writer!(ToFile, file, SqliteConnection, insert_in_file);

/// The values of one column, all of this kind.
macro_rules! list {
    ($values:expr, $variant:ident) => {
        $values
            .into_iter()
            .map(|value| if let Value::$variant(value) = value { value } else { None })
            .collect::<Vec<_>>()
    };
}

impl Table {
    /// Returns the key of the last row that is there.
    async fn last_of_server(&self, server: &mut PgConnection) -> Result<Option<Row>, Error> {
        let sql = self.select_last(Way::ToFile);
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_optional(server).await?;
        row.map(|row| Ok(self.key_of(self.of_server(&row)?))).transpose()
    }

    async fn last_of_file(&self, file: &mut SqliteConnection) -> Result<Option<Row>, Error> {
        let sql = self.select_last(Way::ToServer);
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_optional(file).await?;
        row.map(|row| Ok(self.key_of(self.of_file(&row)?))).transpose()
    }

    fn key_of(&self, row: Row) -> Row {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    async fn insert_in_file(&self, file: &mut SqliteConnection, rows: Vec<Row>) -> Result<(), Error> {
        let places = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let batch: Vec<Row> = rows.by_ref().take(FILE_BATCH).collect();
            let places = vec![places.as_str(); batch.len()].join(", ");
            let sql = format!("insert into {} ({}) values {places}", quoted(&self.name), self.list());
            let query = batch
                .into_iter()
                .flatten()
                .fold(sqlx::query(AssertSqlSafe(sql)), |query, value| bind!(query, value, file));
            query.execute(&mut *file).await?;
        }
        Ok(())
    }

    /// Inserts all rows by one statement, with a list for each column.
    async fn insert_on_server(&self, server: &mut PgConnection, rows: Vec<Row>) -> Result<(), Error> {
        let lists: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| format!("${}::{}", at + 1, column.kind.list()))
            .collect();
        let (name, names) = (quoted(&self.name), self.list());
        let sql = format!("insert into {name} ({names}) select * from unnest({}) as t ({names})", lists.join(", "));
        let mut columns: Vec<Vec<Value>> = self.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            row.into_iter().zip(&mut columns).for_each(|(value, column)| column.push(value));
        }
        let query =
            columns.into_iter().zip(&self.columns).fold(sqlx::query(AssertSqlSafe(sql)), |query, (values, column)| {
                match column.kind {
                    ColumnKind::Id => query.bind(list!(values, Id)),
                    ColumnKind::Number => query.bind(list!(values, Number)),
                    ColumnKind::Flag => query.bind(list!(values, Flag)),
                    ColumnKind::Text => query.bind(list!(values, Text)),
                    ColumnKind::Json => query.bind(list!(values, Json)),
                    ColumnKind::Bytes => query.bind(list!(values, Bytes)),
                    ColumnKind::At => query.bind(list!(values, At)),
                }
            });
        query.execute(server).await.map(drop)
    }
}
