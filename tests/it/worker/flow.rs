//! What hangs holds up nobody else, and what is urgent goes first. Real time passes here, since servers' answers do.

use super::{Working, invites_many, mails, with_server};
use crate::harness::{
    Database,
    cast::CLIENT,
    program::until,
    smtp::{Answer, Script, SmtpServer, Stage},
};
use std::time::Duration;
use tokio::time::Instant;
use vestibule_domain::MailState;

/// A server says nothing for half a minute until it is given up; whatever waits for that takes longer than this, and
/// what does not is far quicker, unless the machine has much else to do.
const SOON: Duration = Duration::from_secs(10);

async fn ten_of_a_hundred_hang_at(database: Database, stage: Stage) {
    let script = (0..10).fold(Script::in_clear(), |script, _| script.once(stage, Answer::Hang));
    let server = SmtpServer::start(script).await;
    let app = with_server(database, &server).await;
    let acme = app.organization("Acme").await;
    invites_many(&app, &acme, 100).await;
    let (_working, begun) = (Working::begin(&app), Instant::now());
    until("the ninety", async || mails(&app, &acme, MailState::Sent).await == 90).await;
    assert!(begun.elapsed() < SOON, "{stage:?}: {:?}", begun.elapsed());
    println!("{database:?}, {stage:?}: 90 of 100 after {:?}", begun.elapsed());
    let leased = app.count("select count(*) from mails where leased_until is not null").await;
    assert_eq!(leased, 10, "those that hang, and no other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_of_a_hundred_hang_and_ninety_are_out_on_sqlite() {
    for stage in [Stage::Greeting, Stage::Rcpt, Stage::Data, Stage::Content] {
        ten_of_a_hundred_hang_at(Database::Sqlite, stage).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_of_a_hundred_hang_and_ninety_are_out_on_postgres() {
    for stage in [Stage::Greeting, Stage::Rcpt, Stage::Data, Stage::Content] {
        ten_of_a_hundred_hang_at(Database::Postgres, stage).await;
    }
}

/// Eight hundred invitations take ten seconds and more.
async fn a_password_mail_goes_before_them(database: Database) {
    let slow = Script::in_clear().always(Stage::Content, Answer::Late(Duration::from_millis(50)));
    let server = SmtpServer::start(slow).await;
    let app = with_server(database, &server).await;
    let acme = app.organization("Acme").await;
    invites_many(&app, &acme, 800).await;
    let _working = Working::begin(&app);
    until("the first of them", async || server.received().len() >= 8).await;
    let asked = Instant::now();
    app.vestibule.sessions().forgot_password(&acme.owner, CLIENT).await.unwrap();
    let is_out = || server.received().iter().any(|mail| mail.to == [acme.owner.as_str()]);
    until("the password mail", async || is_out()).await;
    println!("{database:?}: the password mail after {:?}", asked.elapsed());
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(server.received().len() < 400, "they had not all gone before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_mail_goes_before_eight_hundred_invitations_on_sqlite() {
    a_password_mail_goes_before_them(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_mail_goes_before_eight_hundred_invitations_on_postgres() {
    a_password_mail_goes_before_them(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_of_one_organization_hang_others_and_what_is_urgent_go_out() {
    let script = (0..20).fold(Script::in_clear(), |script, _| script.once(Stage::Rcpt, Answer::Hang));
    let server = SmtpServer::start(script).await;
    let app = with_server(Database::Sqlite, &server).await;
    let acme = app.organization("Acme").await;
    let other = app.beside(&acme, "Other").await;
    invites_many(&app, &acme, 60).await;
    let _working = Working::begin(&app);
    until("twenty that hang", async || server.connections() >= 20).await;
    let asked = Instant::now();
    app.invites(&other, "grace@example.com").await;
    app.vestibule.sessions().forgot_password(&acme.owner, CLIENT).await.unwrap();
    until("both", async || server.received().len() == 2).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(mails(&app, &acme, MailState::Sent).await, 0, "its own wait for the server");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_invitation_is_revoked_while_it_is_handed_over_reads_sent() {
    let late = Script::in_clear().once(Stage::Content, Answer::Late(Duration::from_secs(1)));
    let server = SmtpServer::start(late).await;
    let app = with_server(Database::Sqlite, &server).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    let _working = Working::begin(&app);
    until("the mail", async || server.received().len() == 1).await;
    app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
    until("the end of it", async || mails(&app, &acme, MailState::Queued).await == 0).await;
    assert_eq!(mails(&app, &acme, MailState::Sent).await, 1);
    assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Sent);
    assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.revoked", "invitation.sent"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_invitation_is_revoked_while_the_server_greets_is_not_sent() {
    let late = Script::in_clear().once(Stage::Greeting, Answer::Late(Duration::from_secs(1)));
    let server = SmtpServer::start(late).await;
    let app = with_server(Database::Sqlite, &server).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    let _working = Working::begin(&app);
    until("the connection", async || server.connections() == 1).await;
    app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
    until("the end of it", async || mails(&app, &acme, MailState::Cancelled).await == 1).await;
    assert!(server.received().is_empty());
    assert!(!server.heard_in_clear().contains("MAIL FROM"), "{}", server.heard_in_clear());
}

/// A row that another process keeps to itself keeps one chore waiting, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chore_that_hangs_holds_up_no_mail() {
    let server = SmtpServer::start(Script::in_clear()).await;
    let app = with_server(Database::Postgres, &server).await;
    let acme = app.organization("Acme").await;
    let other = app.beside(&acme, "Other").await;
    app.invites(&acme, "joan@example.com").await;
    app.advance(chrono::Duration::days(8));
    let mut holder = app.postgres().await;
    sqlx::raw_sql("begin; select id from organizations where slug = 'acme' for update")
        .execute(&mut holder)
        .await
        .unwrap();
    let (_working, begun) = (Working::begin(&app), Instant::now());
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%organizations%'";
    until("the chore that waits", async || app.count(waits).await > 0 || begun.elapsed() > Duration::from_secs(1))
        .await;
    let asked = Instant::now();
    app.invites(&other, "grace@example.com").await;
    until("the mail", async || server.received().iter().any(|mail| mail.to == ["grace@example.com"])).await;
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    drop(holder);
}
