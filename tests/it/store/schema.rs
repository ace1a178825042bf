//! Both sets of migrations make the same tables.

use crate::harness::{Database, TestApp};
use sqlx::Row;
use std::collections::BTreeSet;

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (TestApp::on(Database::Sqlite).await, TestApp::on(Database::Postgres).await);
    assert_eq!(sqlite_columns(&sqlite.database_url).await, postgres_columns(&postgres.database_url).await);
}

async fn sqlite_columns(url: &str) -> BTreeSet<(String, String)> {
    let pool = sqlx::SqlitePool::connect(url).await.unwrap();
    let sql = "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and m.name not like '\\_%' escape '\\' and c.name <> '_row'";
    sqlx::query(sql).fetch_all(&pool).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn postgres_columns(url: &str) -> BTreeSet<(String, String)> {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    let sql = "select table_name::text, column_name::text from information_schema.columns
        where table_schema = current_schema() and table_name not like '\\_%'";
    sqlx::query(sql).fetch_all(&pool).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}
