//! Who may send a mail, and what its row says when that is not known for certain.

use crate::harness::TestApp;
use chrono::Duration;
use vestibule_domain::{Mail, MailFilter, MailState, SendOutcome};

async fn only_mail(app: &TestApp, at: &crate::harness::Acme) -> Mail {
    app.vestibule.outbox().page(&at.scope, &MailFilter::default(), None, 50).await.unwrap().page.items.remove(0)
}

/// As a process leaves it that is killed while it sends.
async fn is_left_in_the_middle(app: &TestApp) {
    app.execute("update mails set attempts = attempts + 1, leased_until = created_at").await;
}

both! {
    async fn a_mail_that_may_be_out_is_not_called_cancelled(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        is_left_in_the_middle(&app).await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        app.settle().await;
        let mail = only_mail(&app, &acme).await;
        assert_eq!(mail.state, MailState::Sent);
        assert!(mail.response.unwrap().starts_with("It may have arrived: "));
        assert!(app.mail.tries().is_empty(), "a dead link is not sent");
    }

    async fn a_mail_that_surely_is_not_out_is_cancelled(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.mail.answer_with(vec![SendOutcome::Deferred { response: "451 greylisted".into(), our_fault: false }]);
        app.settle().await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        app.advance(Duration::minutes(2));
        app.settle().await;
        assert_eq!(only_mail(&app, &acme).await.state, MailState::Cancelled);
        assert_eq!(app.mail.tries().len(), 1);
    }

    async fn a_mail_left_in_the_middle_is_sent_again_under_its_id(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        is_left_in_the_middle(&app).await;
        app.settle().await;
        let mail = only_mail(&app, &acme).await;
        assert_eq!((mail.state, mail.attempts, mail.leased_until), (MailState::Sent, 2, None));
        assert!(app.mail.messages()[0].message_id.starts_with(&mail.id.to_string()), "{:?}", app.mail.messages()[0]);
    }

    async fn who_asks_for_another_try_of_a_mail_on_its_way_gets_no_second_one(app) {
        let acme = app.organization("Acme").await;
        app.mail.answer_with(vec![SendOutcome::Deferred { response: "451 greylisted".into(), our_fault: false }]);
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let until = app.vestibule.now() + Duration::seconds(90);
        app.execute(&format!("update mails set leased_until = {}", app.moment(until))).await;
        let mail = only_mail(&app, &acme).await;
        assert!(mail.leased_until.is_some());
        app.vestibule.outbox().retry(&acme.scope, mail.id).await.unwrap();
        app.settle().await;
        assert_eq!(app.mail.tries().len(), 1, "somebody else is sending it");
        app.advance(Duration::seconds(91));
        app.settle().await;
        assert_eq!(app.mail.tries().len(), 2);
    }

    async fn a_mail_that_cannot_be_composed_is_given_back_and_holds_up_no_other(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.invites(&acme, "joan@example.com").await;
        app.execute("update invitations set mail_state = 'nonsense' where email = 'grace@example.com'").await;
        app.settle().await;
        assert_eq!((app.inbox("grace@example.com").len(), app.inbox("joan@example.com").len()), (0, 1));
        assert_eq!(app.count("select count(*) from mails where leased_until is not null").await, 0);
        assert_eq!(app.count("select count(*) from mails where state = 'queued' and attempts = 0").await, 1);
        app.execute("update invitations set mail_state = 'queued' where email = 'grace@example.com'").await;
        app.settle().await;
        assert!(app.inbox("grace@example.com").is_empty(), "not in a busy loop");
        app.advance(Duration::seconds(5));
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent"]);
    }

    async fn mails_of_an_earlier_program_are_sent(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let default = if app.is_sqlite() { "x'ffffffffffffffffffffffffffffffff'" } else { "'ffffffff-ffff-ffff-ffff-ffffffffffff'" };
        // it knows neither lanes nor who holds a lease
        app.execute(&format!("update mails set lane = {default}, urgency = 1, leased_until = created_at")).await;
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1);
    }
}
