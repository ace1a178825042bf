//! The real program, killed while it sends: another one goes on, and nothing is lost.

use super::invites_many;
use crate::harness::{
    Database, Program, Setup, TestApp,
    program::until,
    smtp::{Answer, Script, SmtpServer, Stage},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use vestibule_domain::MailState;

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

/// Mails that share a database with the real program.
async fn beside(database: Database) -> TestApp {
    TestApp::with(Setup { database, starts_now: true, ..Setup::default() }).await
}

const LEASED: &str = "select count(*) from mails where leased_until is not null";
const SENT: &str = "select count(*) from mails where state = 'sent'";

fn distinct(smtp: &SmtpServer) -> usize {
    smtp.received().iter().map(|mail| mail.message_id().to_owned()).collect::<HashSet<_>>().len()
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

async fn killed_among_many(database: Database) {
    let app = beside(database).await;
    let acme = app.organization("Acme").await;
    invites_many(&app, &acme, 200).await;
    let slow = Script::in_clear().always(Stage::Content, Answer::Late(Duration::from_millis(100)));
    let smtp = SmtpServer::start(slow).await;
    let mut first = serve(&app, &smtp.url());
    until("some mails", async || smtp.received().len() >= 20).await;
    first.kill().await;
    let held = app.count(LEASED).await;
    assert!((1..=4).contains(&held), "{held} are leased");
    let mut second = serve(&app, &smtp.url());
    second.address().await;
    let begun = Instant::now();
    until("all others", async || app.count(SENT).await == 200 - held).await;
    println!("{database:?}: all but {held} are out {:?} after the restart", begun.elapsed());
    app.lapse_leases().await;
    until("all", async || app.count(SENT).await == 200).await;
    second.kill().await;
    let repeated = smtp.received().len() - distinct(&smtp);
    assert_eq!(distinct(&smtp), 200);
    assert!(repeated <= 4, "{repeated} were repeated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_among_many_it_repeats_at_most_those_in_conversation_on_sqlite() {
    killed_among_many(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_among_many_it_repeats_at_most_those_in_conversation_on_postgres() {
    killed_among_many(Database::Postgres).await;
}

async fn stopped_among_many(database: Database) {
    let app = beside(database).await;
    let acme = app.organization("Acme").await;
    invites_many(&app, &acme, 300).await;
    let slow = Script::in_clear().always(Stage::Content, Answer::Late(Duration::from_millis(500)));
    let smtp = SmtpServer::start(slow).await;
    let mut program = serve(&app, &smtp.url());
    until("some mails", async || smtp.received().len() >= 9).await;
    program.terminate().await;
    let begun = Instant::now();
    let status = timeout(Duration::from_secs(10), program.ended()).await.expect("it ends");
    println!("{database:?}: ended {:?} after the signal", begun.elapsed());
    assert!(status.success() && begun.elapsed() < Duration::from_secs(5), "{status}, {:?}", begun.elapsed());
    let sent = app.count(SENT).await;
    assert_eq!((app.count(LEASED).await, smtp.received().len() as i64), (0, sent), "what began is finished");
    assert!(sent < 100, "it takes no new mail");
    assert_eq!(app.count("select count(*) from mails where state = 'queued' and attempts > 0").await, 0);
    smtp.behave(Script::in_clear());
    let mut next = serve(&app, &smtp.url());
    until("the rest", async || app.count(SENT).await == 300).await;
    next.kill().await;
    assert_eq!((smtp.received().len(), distinct(&smtp)), (300, 300));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_among_many_it_finishes_what_it_sends_and_repeats_nothing_on_sqlite() {
    stopped_among_many(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_among_many_it_finishes_what_it_sends_and_repeats_nothing_on_postgres() {
    stopped_among_many(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_before_the_mail_keeps_it_from_stopping_for_seconds_only() {
    let app = beside(Database::Sqlite).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    let smtp = SmtpServer::start(Script::in_clear().once(Stage::Data, Answer::Hang)).await;
    let mut program = serve(&app, &smtp.url());
    until("the try", async || smtp.heard_in_clear().contains("DATA")).await;
    program.terminate().await;
    assert!(timeout(Duration::from_secs(12), program.ended()).await.expect("it ends").success());
    assert_eq!(app.count(LEASED).await, 0);
    assert_eq!(app.count("select attempts from mails").await, 0, "no try is counted");
    assert!(smtp.received().is_empty());
    let mut next = serve(&app, &smtp.url());
    until("the mail", async || app.invitation(&acme, id).await.mail_state == MailState::Sent).await;
    next.kill().await;
    assert_eq!(smtp.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_handed_over_is_waited_for_unless_a_second_signal_comes() {
    let app = beside(Database::Sqlite).await;
    let acme = app.organization("Acme").await;
    app.invites(&acme, "grace@example.com").await;
    let smtp = SmtpServer::start(Script::in_clear().once(Stage::Content, Answer::Hang)).await;
    let mut program = serve(&app, &smtp.url());
    until("the mail", async || smtp.received().len() == 1).await;
    program.terminate().await;
    // longer than what has not been handed over is waited for
    sleep(Duration::from_secs(7)).await;
    assert!(timeout(Duration::from_millis(100), program.ended()).await.is_err(), "it did not wait for the server");
    let second = Instant::now();
    program.terminate().await;
    let status = timeout(Duration::from_secs(3), program.ended()).await.expect("it ends");
    assert_eq!(status.code(), Some(143), "after {:?}", second.elapsed());
}
