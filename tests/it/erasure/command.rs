//! `vestibule export` and `vestibule erase`, as an operator types them.

use super::GRACE;
use crate::harness::{Database, Setup, TestApp};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::process::{Output, Stdio};
use tokio::process::Command;

impl TestApp {
    /// Runs the program on the same database, with the same key.
    async fn run(&self, arguments: &[&str]) -> Output {
        let key = self.folder().join("test.key");
        std::fs::write(&key, STANDARD.encode([7; 32])).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(arguments).current_dir(self.folder()).stdin(Stdio::null());
        command.env("VESTIBULE_DATABASE_URL", &self.database_url).env("VESTIBULE_SECRET_KEY_FILE", key);
        command.env("VESTIBULE_PUBLIC_URL", &self.url).output().await.unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Its clock is the real one, as the program's is.
async fn open(database: Database) -> TestApp {
    TestApp::with(Setup { database, starts_now: true, ..Setup::default() }).await
}

/// Joan is of Acme and of Other, and has an account.
async fn joan_is_everywhere(app: &TestApp) {
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let joan = app.joan_of(&acme).await;
    let id = app.invites(&other, "joan@acme.example").await;
    app.settle().await;
    let claims = vestibule_domain::token::LinkClaims {
        invitation_id: id,
        generation: 1,
        channel: vestibule_domain::token::Channel::Mail,
    };
    let acceptance_session = app.vestibule.acceptance().open(app.signing_keys.token(claims).as_str()).await.unwrap();
    app.vestibule.acceptance().accept(acceptance_session.as_str(), &joan.user).await.unwrap();
    app.vestibule.sessions().forgot_password("joan@acme.example", crate::harness::cast::CLIENT).await.unwrap();
    app.settle().await;
}

async fn everything_goes(database: Database) {
    let app = open(database).await;
    joan_is_everywhere(&app).await;
    let export = app.run(&["export", "joan@acme.example"]).await;
    assert!(export.status.success(), "{}", text(&export.stderr));
    let document: Value = serde_json::from_slice(&export.stdout).unwrap();
    assert_eq!((&document["scope"], document["organizations"].as_array().unwrap().len()), (&"installation".into(), 2));
    assert_eq!(document["account_mails"][0]["letter"], "password_reset");
    let before = app.everything().await.len();
    let dry = app.run(&["erase", "joan@acme.example", "--dry-run"]).await;
    assert!(
        dry.status.success() && text(&dry.stdout).contains("acme: member, 1 invitations, 2 sent by them"),
        "{}",
        text(&dry.stdout)
    );
    let asked = app.run(&["erase", "joan@acme.example"]).await;
    assert!(
        !asked.status.success() && text(&asked.stderr).contains("confirm with --yes, or run the command in a terminal"),
        "{}",
        text(&asked.stderr)
    );
    if database == Database::Postgres {
        assert_eq!(app.everything().await.len(), before, "nothing was changed");
    }
    let done = app.run(&["erase", "joan@acme.example", "--yes", "--json"]).await;
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (told["organizations"].as_array().unwrap().len(), &told["account"]["erased"]),
        (2, &true.into()),
        "{told}"
    );
    app.holds_none_of(&["joan@acme.example", "Joan Whitlock"]).await;
    let check = app.run(&["check"]).await;
    assert!(check.status.success(), "{}", text(&check.stdout));
    let again = app.run(&["erase", "joan@acme.example", "--yes"]).await;
    assert!(
        !again.status.success() && text(&again.stderr).contains("no data is stored for this email address"),
        "{}",
        text(&again.stderr)
    );
    let again = app.run(&["export", "joan@acme.example"]).await;
    assert!(!again.status.success() && again.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_erases_somebody_everywhere_on_sqlite() {
    everything_goes(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_erases_somebody_everywhere_on_postgres() {
    everything_goes(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_the_last_owner_anywhere_stays_everywhere() {
    let app = open(Database::Sqlite).await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    app.invites(&acme, &other.owner).await;
    let refused = app.run(&["erase", &other.owner, "--yes"]).await;
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("other: this is the last owner"), "{}", text(&refused.stderr));
    assert!(app.events_text(&acme).await.contains(&other.owner), "nothing was done in the other one");
}

#[tokio::test]
async fn what_is_no_address_is_told() {
    let app = open(Database::Sqlite).await;
    app.organization("Acme").await;
    for (arguments, words) in
        [(["erase", "grace"], "email: "), (["export", "grace"], "email: "), (["export", GRACE], "no data is stored")]
    {
        let output = app.run(&arguments).await;
        assert!(!output.status.success() && text(&output.stderr).contains(words), "{}", text(&output.stderr));
    }
}
