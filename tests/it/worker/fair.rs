//! Organizations are served in turn; within one, invitations before the rest.

use super::{Working, invites_many, with_server};
use crate::harness::{
    Database,
    cast::CLIENT,
    program::until,
    smtp::{Answer, Script, SmtpServer, Stage},
};
use chrono::Duration;
use tokio::time::Instant;
use vestibule_core::service::OrganizationEdit;

async fn one_mail_beside_hundreds(database: Database) {
    let slow = Script::in_clear().always(Stage::Content, Answer::Late(std::time::Duration::from_millis(50)));
    let server = SmtpServer::start(slow).await;
    let app = with_server(database, &server).await;
    let acme = app.organization("Acme").await;
    let other = app.beside(&acme, "Other").await;
    invites_many(&app, &acme, 900).await;
    let _working = Working::begin(&app);
    until("the first of them", async || server.received().len() >= 8).await;
    let asked = Instant::now();
    app.invites(&other, "grace@example.com").await;
    until("the mail", async || server.received().iter().any(|mail| mail.to == ["grace@example.com"])).await;
    println!("{database:?}: another organization’s mail after {:?}", asked.elapsed());
    assert!(asked.elapsed() < std::time::Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(server.received().len() < 400, "they had not all gone before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_hundred_mails_of_one_organization_do_not_delay_the_one_of_another_on_sqlite() {
    one_mail_beside_hundreds(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_hundred_mails_of_one_organization_do_not_delay_the_one_of_another_on_postgres() {
    one_mail_beside_hundreds(Database::Postgres).await;
}

both! {
    async fn what_is_urgent_goes_before_invitations_and_these_before_reminders(app) {
        let acme = app.organization("Acme").await;
        let edit = OrganizationEdit { reminder_days: Some(Some(3)), ..OrganizationEdit::default() };
        app.vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
        invites_many(&app, &acme, 20).await;
        app.settle().await;
        // a tick reminds first, and mails then: the invitations have waited for less time
        app.advance(Duration::days(3));
        for n in 0..20 {
            app.invites(&acme, &format!("late{n}@example.com")).await;
        }
        app.vestibule.sessions().forgot_password(&acme.owner, CLIENT).await.unwrap();
        app.settle().await;
        let kind = |subject: &str| match subject {
            subject if subject.contains("password") => 0,
            subject if subject.starts_with("Still open") => 2,
            _ => 1,
        };
        let order: Vec<u8> = app.mail.messages()[20..].iter().map(|mail| kind(&mail.subject)).collect();
        assert_eq!(order.len(), 41, "{order:?}");
        assert_eq!(order[..8].iter().filter(|kind| **kind == 0).count(), 1, "{order:?}");
        // four at once may overtake each other
        let first_reminder = order.iter().position(|kind| *kind == 2).unwrap();
        assert!(first_reminder >= 21 - 4, "{order:?}");
    }
}
