//! The audit log: its chain, what `vestibule check` makes of it, its filters, and files of it.

mod chain;
mod check;
mod export;
mod filter;
mod portal;

use crate::harness::{Acme, TestApp};
use vestibule_domain::EventFilter;

impl TestApp {
    /// Runs SQL beside the program, as somebody with a hand on the database could. `$1` is the organization's id.
    pub async fn tamper(&self, at: &Acme, sql: &str) {
        self.end().is_by_hand();
        let id = at.scope.organization().id.uuid();
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let rows = if self.database_url.starts_with("sqlite:") {
            let pool = sqlx::SqlitePool::connect(&self.database_url).await.unwrap();
            sqlx::query(sql).bind(id).execute(&pool).await.unwrap().rows_affected()
        } else {
            let pool = sqlx::PgPool::connect(&self.database_url).await.unwrap();
            sqlx::query(sql).bind(id).execute(&pool).await.unwrap().rows_affected()
        };
        assert!(rows > 0, "something was changed");
    }

    /// Numbers of all events that match, the newest first, page by page.
    pub async fn matching(&self, at: &Acme, filter: &EventFilter, limit: u32) -> Vec<u64> {
        let (mut numbers, mut cursor) = (Vec::new(), None);
        loop {
            let list = self.vestibule.audit().page(&at.scope, filter, cursor.as_deref(), limit).await.unwrap();
            numbers.extend(list.page.items.iter().map(|event| event.number));
            cursor = list.page.older;
            if cursor.is_none() {
                return numbers;
            }
        }
    }
}
