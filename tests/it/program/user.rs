//! `vestibule user`, as an operator types it.

use crate::harness::{PASSWORD, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::process::Output;
use tokio::process::Command;

impl TestApp {
    /// Runs `vestibule user password-link` on the same database, with the same key.
    async fn password_link(&self, arguments: &[&str]) -> Output {
        let key = self.folder().join("test.key");
        std::fs::write(&key, STANDARD.encode([7; 32])).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(["user", "password-link"]).args(arguments).current_dir(self.folder());
        command.env("VESTIBULE_DATABASE_URL", &self.database_url).env("VESTIBULE_SECRET_KEY_FILE", key);
        command.env("VESTIBULE_PUBLIC_URL", &self.url).output().await.unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The program's clock is the real one.
async fn open() -> TestApp {
    TestApp::with(crate::harness::Setup { starts_now: true, ..Default::default() }).await
}

#[tokio::test]
async fn a_password_link_is_printed_and_works_once() {
    let app = open().await;
    let acme = app.organization("Acme").await;
    let output = app.password_link(&[&acme.owner, "--json"]).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["expires_at"].is_string());
    let link = told["url"].as_str().unwrap().strip_prefix(&app.url).unwrap().to_owned();
    let client = app.client();
    assert_eq!(client.get(&link).await.location(), "/choose-password");
    assert_eq!(client.post("/choose-password", &[("password", "another lantern oyster")]).await.status, 303);
    assert_eq!(app.client().get(&link).await.status, 410);
    let old = app.client().post("/sign-in", &[("email", &acme.owner), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 422);
    let output = app.password_link(&[&acme.owner]).await;
    assert!(text(&output.stdout).starts_with(&format!("{}/choose-password?token=vsr_", app.url)));
}

#[tokio::test]
async fn an_address_without_an_account_gets_no_link() {
    let app = open().await;
    app.organization("Acme").await;
    for (email, words) in [("nobody@example.com", "there is no account with this email address"), ("nobody", "email: ")]
    {
        let output = app.password_link(&[email]).await;
        assert!(!output.status.success() && output.stdout.is_empty(), "{email}");
        assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
    assert!(app.mail.messages().is_empty());
}
