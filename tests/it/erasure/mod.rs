//! Erasing a person: nothing of them is left in the database, the record still verifies, and nobody passes off a change
//! by hand as an erasure. What is kept on them is given whole before.

mod api;
mod chain;
mod command;
mod export;
mod places;
mod portal;
mod retention;

use crate::api::Program;
use crate::harness::{Acme, TestApp};
use serde_json::json;
use sqlx::Row;
use vestibule_domain::{Erasure, Permission};

pub const GRACE: &str = "grace.hopper@navy.example";

impl TestApp {
    /// Everything that the database holds, as text.
    pub async fn everything(&self) -> String {
        if self.database_url.starts_with("sqlite:") {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("copy.db");
            self.copy_database(&path).await;
            return String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        }
        let pool = sqlx::PgPool::connect(&self.database_url).await.unwrap();
        let tables = "select table_name::text from information_schema.tables where table_schema = current_schema()";
        let mut text = String::new();
        for table in sqlx::query(tables).fetch_all(&pool).await.unwrap() {
            let table: String = table.get(0);
            let sql = sqlx::AssertSqlSafe(format!("select row_to_json(t)::text from \"{table}\" t"));
            for row in sqlx::query(sql).fetch_all(&pool).await.unwrap() {
                text += &row.get::<String, _>(0);
            }
        }
        text
    }

    /// Erases, and lets the worker do what is left.
    pub async fn erases(&self, at: &Acme, email: &str) -> Erasure {
        let erasure = self.vestibule.erasure().erase(&at.scope, email).await.unwrap();
        self.settle().await;
        erasure
    }

    /// That none of these words is in the database, whatever the case.
    pub async fn holds_none_of(&self, words: &[&str]) {
        let all = self.everything().await.to_lowercase();
        for word in words {
            let at = all.find(&word.to_lowercase());
            let around = at.map(|at| {
                let (from, to) = (at.saturating_sub(200), (at + 200).min(all.len()));
                String::from_utf8_lossy(&all.as_bytes()[from..to]).into_owned()
            });
            assert_eq!(around, None, "{word} is still there");
        }
    }

    /// All events of the organization, as the API tells them.
    pub async fn events_text(&self, at: &Acme) -> String {
        let events = self.vestibule.feed().events(&at.scope, 0, 500).await.unwrap();
        events.iter().map(|event| serde_json::to_string(event).unwrap()).collect()
    }

    /// That the organization's record is whole.
    pub async fn verifies(&self, at: &Acme) {
        assert_eq!(self.vestibule.audit().verify(&at.scope).await.unwrap().flaw, None);
    }

    /// Grace is invited with all that an invitation can hold about her, and the mail is sent.
    pub async fn grace(&self, program: &Program) -> String {
        let body = json!({
            "email": "Grace.Hopper@Navy.example", "name": "Grace Hopper", "message": "Dear Grace, come aboard",
            "metadata": { "badge": "COBOL-1" }, "private_metadata": { "note": "rear admiral" },
        });
        let made = program.post("/invitations", &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        self.settle().await;
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// Joan administers Acme, and has left her name wherever she could.
    pub async fn joan_of(&self, acme: &Acme) -> Acme {
        let joan = self.joins(acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        self.key(&joan.scope, &[Permission::UserRead, Permission::UserInvite]).await;
        self.webhook(&joan, "https://hooks.example", &[]).await;
        self.invites(&joan, "hugo@example.com").await;
        let revoked = self.invites(&joan, "ivy@example.com").await;
        self.vestibule.invitations().revoke(&joan.scope, revoked).await.unwrap();
        joan
    }
}
