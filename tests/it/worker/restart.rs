//! The real program, killed while it sends: another one goes on, and nothing is lost.

use crate::harness::{
    Program, Setup, TestApp,
    program::until,
    smtp::{Answer, Script, SmtpServer, Stage},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::domain::MailState;

/// `vestibule serve` on the test's own database, with its key.
fn serve(app: &TestApp, smtp: &str) -> Program {
    let folder = app.folder().display().to_string();
    std::fs::write(app.folder().join("secret.key"), STANDARD.encode([7; 32])).unwrap();
    Program::start(&[
        ("VESTIBULE_PUBLIC_URL", &app.url),
        ("VESTIBULE_DATA_DIR", &folder),
        ("VESTIBULE_DATABASE_URL", &app.database_url),
        ("VESTIBULE_SMTP_URL", smtp),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_sender_was_killed_is_sent_by_the_next_one() {
    let app = TestApp::with(Setup { starts_now: true, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    let smtp = SmtpServer::start(Script::in_clear().once(Stage::Data, Answer::Hang)).await;
    let mut first = serve(&app, &smtp.url());
    // not at the first connection: killed before it is told to wait, it would leave the waiting to the next one
    until("the first try", async || smtp.heard_in_clear().contains("DATA")).await;
    first.kill().await;
    assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Queued);
    assert!(smtp.received().is_empty());
    // the lease of the one that was killed lapses by the clock, not by waiting
    app.lapse_leases().await;
    let mut second = serve(&app, &smtp.url());
    until("the mail", async || app.invitation(&acme, id).await.mail_state == MailState::Sent).await;
    second.kill().await;
    assert_eq!(smtp.received().len(), 1);
    assert_eq!(smtp.received()[0].to, ["grace@example.com"]);
}
