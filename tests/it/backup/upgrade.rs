//! A database of an earlier schema is brought up to date with all that is in it.

use super::Desk;
use crate::harness::Database;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub static SQLITE: Migrator = sqlx::migrate!("crates/store/migrations/sqlite");
pub static POSTGRES: Migrator = sqlx::migrate!("crates/store/migrations/postgres");
/// From this schema on every one can be brought up to date.
const FIRST: i64 = 17;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures")
}

/// The schemas of which there is a used database.
fn fixtures() -> Vec<i64> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut schemas: Vec<i64> =
        entries.filter_map(|name| name.strip_prefix("schema-").and_then(|schema| schema.parse().ok())).collect();
    schemas.sort_unstable();
    schemas
}

#[test]
fn every_schema_but_the_newest_has_a_fixture() {
    let there = fixtures();
    let schemas: Vec<i64> =
        SQLITE.iter().map(|migration| migration.version).filter(|schema| *schema >= FIRST).collect();
    let newest = schemas.iter().max().copied().unwrap();
    for schema in schemas.into_iter().filter(|schema| *schema < newest || *schema == FIRST) {
        assert!(
            there.contains(&schema),
            "There is no used database of schema {schema}. Check out the commit before the migration that follows it, run \
             `scripts/with-postgres scripts/schema-fixture`, and add tests/it/fixtures/schema-{schema:04}."
        );
    }
}

pub fn up_to(all: &Migrator, schema: i64) -> Migrator {
    let migrations: Vec<_> = all.iter().filter(|migration| migration.version <= schema).cloned().collect();
    Migrator { migrations: migrations.into(), ..Migrator::DEFAULT }
}

/// What a table of a fixture is called now.
fn name_now(table: &str) -> &str {
    match table {
        "visits" => "acceptance_sessions",
        "endpoints" => "webhook_endpoints",
        "deliveries" => "webhook_deliveries",
        "attempts" => "webhook_attempts",
        table => table,
    }
}

/// How many rows the fixture puts into each table.
fn rows(sql: &str) -> Vec<(String, i64)> {
    let mut rows: Vec<(String, i64)> = Vec::new();
    for line in sql.lines() {
        let Some((table, _)) = line.strip_prefix("insert into ").and_then(|rest| rest.split_once(' ')) else {
            continue;
        };
        let table = name_now(table);
        match rows.last_mut() {
            Some((last, count)) if last == table => *count += 1,
            _ => rows.push((table.to_owned(), 1)),
        }
    }
    rows
}

pub fn read(schema: i64, name: &str) -> String {
    fs::read_to_string(folder().join(format!("schema-{schema:04}")).join(name)).unwrap()
}

/// Brought up to date, with every row, and people go on in it.
async fn goes_on(desk: &Desk, sql: &str) {
    desk.run(&["migrate"]).await.is_well();
    let app = desk.opened().await;
    for (table, rows) in rows(&without_counts(sql)) {
        assert_eq!(app.count(&format!("select count(*) from {table}")).await, rows, "{table}");
    }
    desk.checks().await;
    let ada = app.enter("saltmarsh", "ada@saltmarsh.example").await;
    app.invites(&ada, "new@example.com").await;
    app.settle().await;
    app.mailed_token("new@example.com");
    desk.checks().await;
}

/// The statements without those for counts, which triggers keep from schema 22 on.
fn without_counts(sql: &str) -> String {
    let is_count = |line: &&str| line.split(' ').nth(2).is_some_and(|table| table.ends_with("_counts"));
    sql.lines().filter(|line| !is_count(line)).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fixture_is_brought_up_to_date_on_sqlite() {
    for schema in fixtures() {
        let (desk, fresh) = (Desk::empty(Database::Sqlite).await, Desk::empty(Database::Sqlite).await);
        let sql = read(schema, "sqlite.sql");
        let mut connection = SqliteConnection::connect(&format!("{}?mode=rwc", desk.url)).await.unwrap();
        up_to(&SQLITE, schema).run(&mut connection).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(without_counts(&sql))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        goes_on(&desk, &sql).await;
        fresh.run(&["migrate"]).await.is_well();
        assert_eq!(tables_of_sqlite(&desk.url).await, tables_of_sqlite(&fresh.url).await, "schema {schema}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fixture_is_brought_up_to_date_on_postgres() {
    for schema in fixtures() {
        let (desk, fresh) = (Desk::empty(Database::Postgres).await, Desk::empty(Database::Postgres).await);
        let sql = read(schema, "postgres.sql");
        let mut connection = PgConnection::connect(&desk.url).await.unwrap();
        up_to(&POSTGRES, schema).run(&mut connection).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(without_counts(&sql))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        goes_on(&desk, &sql).await;
        fresh.run(&["migrate"]).await.is_well();
        assert_eq!(tables_of_postgres(&desk.url).await, tables_of_postgres(&fresh.url).await, "schema {schema}");
    }
}

/// What makes each table, index and trigger.
async fn tables_of_sqlite(url: &str) -> BTreeSet<String> {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let sql = "select coalesce(sql, name) from sqlite_master where name not like 'sqlite\\_stat%' escape '\\'";
    sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap().into_iter().collect()
}

/// Each column, index, trigger and constraint in PostgreSQL's own words.
async fn tables_of_postgres(url: &str) -> BTreeSet<String> {
    const SQL: &str = "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
            from information_schema.columns where table_schema = current_schema()
        union all select replace(indexdef, current_schema() || '.', '') from pg_indexes where schemaname = current_schema()
        union all select replace(pg_get_triggerdef(t.oid), current_schema() || '.', '') from pg_trigger t join pg_class c on c.oid = t.tgrelid
            where c.relnamespace = current_schema()::regnamespace and not t.tgisinternal
        union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = current_schema()::regnamespace";
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(SQL).fetch_all(&mut connection).await.unwrap().into_iter().collect()
}
