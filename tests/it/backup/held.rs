//! After a restore: what waited is held, what people do from then on is sent, and the operator says what becomes of the
//! rest.

use super::{Desk, count, lived_in};
use crate::harness::{Acme, Database, Setup, TestApp};
use chrono::Duration;
use vestibule_core::service::HeldDecision;
use vestibule_domain::{MailFilter, MailId, MailState};

/// Restored on a database of the same kind, with Ada signed in.
async fn rehearsal(app: &TestApp) -> (Desk, TestApp, Acme) {
    let acme = lived_in(app).await;
    let backup_at = Desk::of(app);
    let backup = backup_at.backs_up("one.db").await;
    let database = if app.is_sqlite() { Database::Sqlite } else { Database::Postgres };
    let place = Desk::empty(database).await;
    place.restores(&backup).await;
    let there = place.opened().await;
    let ada = there.enter("acme", &acme.owner).await;
    (place, there, ada)
}

/// The one mail in this state.
async fn only_mail(app: &TestApp, at: &Acme, state: MailState) -> MailId {
    let filter = MailFilter { state: Some(state), text: None };
    let list = app.vestibule.outbox().page(&at.scope, &filter, None, 10).await.unwrap();
    assert_eq!(list.page.items.len(), 1, "{:?}", list.page.items);
    list.page.items[0].id
}

async fn mail_state(app: &TestApp, email: &str) -> MailState {
    let sql = format!("select count(*) from invitations where email = '{email}' and mail_state = ");
    for &state in MailState::ALL {
        if app.count(&format!("{sql}'{state}'")).await == 1 {
            return state;
        }
    }
    panic!("nobody has invited {email}")
}

both! {
    async fn a_rehearsal_mails_nobody_but_those_who_are_invited_there(app) {
        let (desk, there, ada) = rehearsal(&app).await;
        there.settle().await;
        assert_eq!(mail_state(&there, "alan@example.com").await, MailState::Held);
        let page = there.client_of(&ada.session).get("/o/acme/outbox?state=held").await;
        assert!(page.text.contains("alan@example.com") && page.text.contains("Held"), "{}", page.text);
        there.advance(Duration::days(4));
        there.settle().await;
        assert!(there.count("select count(*) from invitations where remind_at is not null").await > 0);
        assert_eq!(there.mail.messages().len(), 0, "nothing of what waited, and no reminder");
        let ada = there.enter("acme", &ada.owner).await;
        there.invites(&ada, "new@example.com").await;
        there.settle().await;
        assert_eq!(there.mail.messages().len(), 1);
        there.mailed_token("new@example.com");
        let told = desk.run(&["mail", "held", "--json"]).await.json();
        assert_eq!((count(&told, "/mails"), told["restored_at"].is_string()), (1, true), "{told}");
        assert_eq!(there.vestibule.queues().await.unwrap().held_mails, 1);
        desk.checks().await;
    }

    async fn what_is_released_is_sent_once(app) {
        let (desk, there, _) = rehearsal(&app).await;
        let told = desk.run(&["mail", "release", "--json"]).await.json();
        assert_eq!(count(&told, "/mails"), 1);
        // its clock stands since it was opened
        there.advance(Duration::minutes(1));
        there.settle().await;
        there.mailed_token("alan@example.com");
        assert_eq!(mail_state(&there, "alan@example.com").await, MailState::Sent);
        let told = desk.run(&["mail", "release", "--json"]).await.json();
        assert_eq!((count(&told, "/mails"), told["restored_at"].is_null()), (0, true), "{told}");
        there.settle().await;
        assert_eq!(there.mail.messages().len(), 1);
        desk.checks().await;
    }

    async fn what_is_discarded_reads_failed_and_can_be_sent_again(app) {
        let (desk, there, ada) = rehearsal(&app).await;
        desk.run(&["mail", "discard"]).await.is_well();
        there.settle().await;
        assert_eq!(there.mail.messages().len(), 0);
        assert_eq!(mail_state(&there, "alan@example.com").await, MailState::Failed);
        desk.checks().await;
        let id = only_mail(&there, &ada, MailState::Failed).await;
        there.vestibule.outbox().retry(&ada.scope, id).await.unwrap();
        there.settle().await;
        there.mailed_token("alan@example.com");
        assert_eq!(there.mail.messages().len(), 1);
    }

    async fn one_that_is_held_can_be_sent_alone(app) {
        let (desk, there, ada) = rehearsal(&app).await;
        let id = only_mail(&there, &ada, MailState::Held).await;
        there.vestibule.outbox().retry(&ada.scope, id).await.unwrap();
        there.settle().await;
        there.mailed_token("alan@example.com");
        assert_eq!(count(&desk.run(&["mail", "held", "--json"]).await.json(), "/mails"), 0);
        desk.checks().await;
    }

    async fn a_revoked_invitation_is_not_mailed_when_it_is_released(app) {
        let (_desk, there, ada) = rehearsal(&app).await;
        let id = only_mail(&there, &ada, MailState::Held).await;
        let mail = there.vestibule.outbox().get(&ada.scope, id).await.unwrap().mail;
        there.vestibule.invitations().revoke(&ada.scope, mail.letter.invitation_id().unwrap()).await.unwrap();
        there.vestibule.held().settle(HeldDecision::Release).await.unwrap();
        there.settle().await;
        assert_eq!(there.mail.messages().len(), 0);
        assert_eq!(there.vestibule.outbox().get(&ada.scope, id).await.unwrap().mail.state, MailState::Cancelled);
    }

    async fn webhooks_are_held_until_the_release(app) {
        let acme = app.organization("Acme").await;
        app.webhook(&acme, "http://127.0.0.1:65000/", &[]).await;
        app.invites(&acme, "grace@example.com").await;
        let waiting = app.count("select count(*) from webhook_deliveries where state = 'pending'").await;
        assert!(waiting > 0);
        let desk = Desk::of(&app);
        let backup = desk.backs_up("one.db").await;
        let database = if app.is_sqlite() { Database::Sqlite } else { Database::Postgres };
        let place = Desk::empty(database).await;
        place.restores(&backup).await;
        let there = place.opened().await;
        let ada = there.enter("acme", &acme.owner).await;
        there.invites(&ada, "new@example.com").await;
        there.settle().await;
        let held = there.count("select count(*) from webhook_deliveries where state = 'held'").await;
        assert_eq!(there.vestibule.queues().await.unwrap().held_deliveries, u64::try_from(held).unwrap());
        assert!(held > waiting + 1, "those from before, that of the restore, and those of what came after: {held}");
        assert_eq!(there.count("select count(*) from webhook_attempts").await, 0);
        there.vestibule.held().settle(HeldDecision::Release).await.unwrap();
        assert_eq!(there.count("select count(*) from webhook_deliveries where state = 'held'").await, 0);
        there.invites(&ada, "newer@example.com").await;
        assert!(there.count("select count(*) from webhook_deliveries where state = 'pending'").await > held);
        place.checks().await;
    }

    async fn a_second_restore_holds_what_the_first_one_held(app) {
        let (desk, there, _) = rehearsal(&app).await;
        there.vestibule.close().await;
        let backup = desk.backs_up("two.db").await;
        let place = Desk::empty(Database::Sqlite).await;
        let told = place.restores(&backup).await;
        assert_eq!(count(&told, "/held/mails"), 1);
        place.checks().await;
        place.run(&["mail", "release"]).await.is_well();
        let there = place.opened().await;
        there.settle().await;
        there.mailed_token("alan@example.com");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_says_at_its_start_what_is_held() {
    let app = TestApp::with(Setup::default()).await;
    lived_in(&app).await;
    let desk = Desk::of(&app);
    let backup = desk.backs_up("one.db").await;
    let place = Desk::empty(Database::Sqlite).await;
    place.restores(&backup).await;
    let data = place.folder.path().display().to_string();
    let program = crate::harness::Program::start(&[("VESTIBULE_DATA_DIR", &data)]);
    let line = program.says_between("A backup was restored on ", "\n").await;
    assert!(line.contains("1 mail,") && line.contains("vestibule mail release"), "{line}");
}
