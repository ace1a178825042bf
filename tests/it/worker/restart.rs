//! The real program, killed while it sends: another one goes on, and nothing is lost.

use crate::harness::{
    Setup, TestApp,
    smtp::{Answer, Script, SmtpServer, Stage},
};
use std::{process::Stdio, time::Duration};
use tokio::process::{Child, Command};
use vestibule::domain::MailState;

/// `vestibule serve` on the test's own database, with its key.
fn serve(app: &TestApp, smtp: &str) -> Child {
    let key = app.folder().join("secret.key");
    std::fs::write(&key, base64::Engine::encode(&base64::engine::general_purpose::STANDARD, [7; 32])).unwrap();
    Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .arg("serve")
        .env("VESTIBULE_LISTEN", "127.0.0.1:0")
        .env("VESTIBULE_PUBLIC_URL", &app.url)
        .env("VESTIBULE_DATA_DIR", app.folder())
        .env("VESTIBULE_DATABASE_URL", &app.database_url)
        .env("VESTIBULE_SMTP_URL", smtp)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} has not happened within 30 seconds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_sender_was_killed_is_sent_by_the_next_one() {
    let app = TestApp::with(Setup { starts_now: true, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    let smtp = SmtpServer::start(Script::in_clear().once(Stage::Data, Answer::Hang)).await;
    let mut first = serve(&app, &smtp.url());
    until("the first try", async || smtp.connections() == 1).await;
    first.kill().await.unwrap();
    assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Queued);
    assert!(smtp.received().is_empty());
    // the lease of the one that was killed lapses by the clock, not by waiting
    app.lapse_leases().await;
    let mut second = serve(&app, &smtp.url());
    until("the mail", async || app.invitation(&acme, id).await.mail_state == MailState::Sent).await;
    second.kill().await.unwrap();
    assert_eq!(smtp.received().len(), 1);
    assert_eq!(smtp.received()[0].to, ["grace@example.com"]);
}
