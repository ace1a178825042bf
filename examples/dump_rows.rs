//! All rows of a database as statements that put them into another with the same tables: for fixtures of a schema.
//! `dump_rows sqlite:file` or `dump_rows postgres://…`; with `--execute SQL` it runs that instead.
#![expect(clippy::unwrap_used, reason = "a tool for developers stops where it can't go on")]

use clap::Parser;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// Prints all rows of a database as statements.
#[derive(Parser)]
struct Arguments {
    /// sqlite:FILE or postgres://…
    url: String,
    /// Run this on PostgreSQL instead.
    #[arg(long, value_name = "SQL")]
    execute: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Arguments { url, execute } = Arguments::parse();
    if let Some(sql) = execute {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        return;
    }
    let lines = if url.starts_with("sqlite:") { of_sqlite(&url).await } else { of_postgres(&url).await };
    println!("{}", lines.join("\n"));
}

/// Each row of a table, after those that it names. Events in the order of their numbers.
async fn of_sqlite(url: &str) -> Vec<String> {
    const TABLES: &str = "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'
        and name not like 'sqlite\\_%' escape '\\' order by rowid";
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let mut lines = Vec::new();
    for table in sqlx::query_scalar::<_, String>(TABLES).fetch_all(&mut connection).await.unwrap() {
        let columns = columns(&mut connection, &table).await;
        let values: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
        let sql = format!("select {} from {table} order by {}", values.join(" || ', ' || "), order(&columns));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        lines.extend(rows.iter().map(|row| format!("insert into {table} ({}) values ({row});", columns.join(", "))));
    }
    lines
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Vec<String> {
    sqlx::query_scalar("select name from pragma_table_info($1)").bind(table).fetch_all(connection).await.unwrap()
}

fn order(columns: &[String]) -> &'static str {
    if columns.iter().any(|column| column == "number") { "organization_id, number" } else { "1" }
}

async fn of_postgres(url: &str) -> Vec<String> {
    const COLUMNS: &str = "select column_name::text from information_schema.columns
        where table_schema = current_schema() and table_name = $1 order by ordinal_position";
    let mut connection = PgConnection::connect(url).await.unwrap();
    let mut lines = Vec::new();
    for table in tables_of_postgres(&mut connection).await {
        let columns: Vec<String> = sqlx::query_scalar(COLUMNS).bind(&table).fetch_all(&mut connection).await.unwrap();
        let sql = format!("select quote_literal(to_json(t)::text) from {table} t order by {}", order(&columns));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        let names = columns.join(", ");
        let line = |row: &String| {
            format!("insert into {table} ({names}) select {names} from json_populate_record(null::{table}, {row});")
        };
        lines.extend(rows.iter().map(line));
    }
    lines
}

/// In the order in which they were made.
async fn tables_of_postgres(connection: &mut PgConnection) -> Vec<String> {
    const SQL: &str =
        "select relname::text from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace
        and relname not like '\\_%' order by oid";
    sqlx::query_scalar(SQL).fetch_all(connection).await.unwrap()
}
