//! The reminder chore: whom it mails, when, and how often.

use crate::harness::{Acme, Database, TestApp, inbox::after};
use chrono::Duration;
use vestibule_core::service::OrganizationEdit;
use vestibule_domain::{InvitationEdit, InvitationId, MailState, SendOutcome};

const GRACE: &str = "grace@example.com";

/// Invitations stay open for seven days, and a reminder comes after three.
async fn acme(app: &TestApp) -> Acme {
    let acme = app.organization("Acme").await;
    set(app, &acme, Some(3)).await;
    acme
}

async fn set(app: &TestApp, at: &Acme, reminder_days: Option<u16>) {
    let edit = OrganizationEdit { reminder_days: Some(reminder_days), ..OrganizationEdit::default() };
    app.vestibule.organizations().edit(&at.scope, &edit).await.unwrap();
}

/// Grace is invited, and the mail is sent.
async fn invited(app: &TestApp, at: &Acme) -> InvitationId {
    let id = app.invites(at, GRACE).await;
    app.settle().await;
    id
}

async fn pass(app: &TestApp, by: Duration) {
    app.advance(by);
    app.settle().await;
}

async fn reminders(app: &TestApp, at: &Acme, id: InvitationId) -> usize {
    app.actions(at, id).await.iter().filter(|action| **action == "invitation.reminded").count()
}

both! {
    async fn who_has_not_answered_is_reminded_once_with_the_same_link(app) {
        let acme = acme(&app).await;
        let id = invited(&app, &acme).await;
        pass(&app, Duration::days(3) - Duration::microseconds(1)).await;
        assert_eq!((app.inbox(GRACE).len(), reminders(&app, &acme, id).await), (1, 0), "not before its time");
        pass(&app, Duration::microseconds(1)).await;
        let [first, second] = &app.inbox(GRACE)[..] else { panic!("{:?}", app.inbox(GRACE)) };
        assert_eq!(after(&second.text, "/i/"), after(&first.text, "/i/"));
        assert!(second.subject.starts_with("Still open: ") && second.message_id != first.message_id, "{}", second.subject);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent", "invitation.reminded"]);
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Sent);
        for _ in 0..5 {
            pass(&app, Duration::hours(18)).await;
        }
        assert_eq!((app.inbox(GRACE).len(), reminders(&app, &acme, id).await), (2, 1));
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token(GRACE)).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", crate::harness::PASSWORD).await.unwrap();
    }

    async fn nobody_is_reminded_unless_the_organization_wants_it(app) {
        let acme = app.organization("Acme").await;
        let before = invited(&app, &acme).await;
        set(&app, &acme, Some(1)).await;
        pass(&app, Duration::days(2)).await;
        assert_eq!(reminders(&app, &acme, before).await, 0, "open ones keep what they were sent with");
        let id = app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        set(&app, &acme, None).await;
        pass(&app, Duration::days(2)).await;
        assert_eq!((app.inbox("joan@example.com").len(), reminders(&app, &acme, id).await), (1, 0), "turned off since");
    }

    async fn who_has_answered_is_not_reminded(app) {
        let acme = acme(&app).await;
        let (grace, revoked) = (invited(&app, &acme).await, app.invites(&acme, "joan@example.com").await);
        let accepted = app.invites(&acme, "alan@example.com").await;
        app.settle().await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token(GRACE)).await.unwrap();
        app.vestibule.acceptance().decline(acceptance_session.as_str(), "").await.unwrap();
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("alan@example.com")).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Alan Pemberton", crate::harness::PASSWORD).await.unwrap();
        app.vestibule.invitations().revoke(&acme.scope, revoked).await.unwrap();
        app.settle().await;
        let mails = app.mail.messages().len();
        pass(&app, Duration::days(4)).await;
        assert_eq!(app.mail.messages().len(), mails);
        for id in [grace, revoked, accepted] {
            assert_eq!(reminders(&app, &acme, id).await, 0);
        }
    }

    async fn a_link_that_no_mail_has_brought_is_not_reminded_of(app) {
        let acme = acme(&app).await;
        let mut invite = app.invite(&acme, GRACE, "member").await;
        invite.notify = false;
        app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        app.mail.answer_with(vec![SendOutcome::Failed { response: "550 no such mailbox".into() }]);
        let failed = app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        pass(&app, Duration::days(4)).await;
        assert!(app.inbox(GRACE).is_empty());
        assert_eq!(app.actions(&acme, failed).await, ["invitation.created", "invitation.delivery_failed"]);
    }

    async fn nobody_is_reminded_shortly_before_the_end(app) {
        let acme = acme(&app).await;
        let id = invited(&app, &acme).await;
        let edit = InvitationEdit { expires_at: Some(app.vestibule.now() + Duration::hours(83)), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        pass(&app, Duration::days(3)).await;
        assert_eq!(reminders(&app, &acme, id).await, 0, "eleven hours are left");
        let expired = app.invites(&acme, "joan@example.com").await;
        app.settle().await;
        app.advance(Duration::days(7));
        app.settle().await;
        assert_eq!(app.actions(&acme, expired).await, ["invitation.created", "invitation.sent", "invitation.expired"], "the worker stood still");
    }

    async fn an_edit_leaves_the_reminder_where_it_is(app) {
        let acme = acme(&app).await;
        let id = invited(&app, &acme).await;
        pass(&app, Duration::days(1)).await;
        let edit = InvitationEdit { message: Some("Welcome".into()), ..InvitationEdit::default() };
        app.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        pass(&app, Duration::days(2)).await;
        assert_eq!(reminders(&app, &acme, id).await, 1);
        assert!(app.newest_mail(GRACE).text.contains("Welcome"), "the reminder tells the present offer");
    }

    async fn a_resend_starts_anew(app) {
        let acme = acme(&app).await;
        let id = invited(&app, &acme).await;
        pass(&app, Duration::days(2)).await;
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        app.settle().await;
        pass(&app, Duration::days(2)).await;
        assert_eq!(reminders(&app, &acme, id).await, 0, "the time of the earlier link does not count");
        pass(&app, Duration::days(1)).await;
        assert_eq!(reminders(&app, &acme, id).await, 1);
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        app.settle().await;
        pass(&app, Duration::days(3)).await;
        assert_eq!(reminders(&app, &acme, id).await, 2, "a new link, a new reminder");
    }

    async fn a_reminder_of_a_link_that_was_replaced_is_not_sent(app) {
        let acme = acme(&app).await;
        let id = invited(&app, &acme).await;
        app.mail.answer_with(vec![SendOutcome::Deferred { response: "451 later".into(), our_fault: false }]);
        pass(&app, Duration::days(3)).await;
        assert_eq!((reminders(&app, &acme, id).await, app.inbox(GRACE).len()), (1, 1));
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        pass(&app, Duration::hours(1)).await;
        let subjects: Vec<String> = app.inbox(GRACE).into_iter().map(|mail| mail.subject).collect();
        assert_eq!(subjects.iter().filter(|subject| subject.starts_with("Still open")).count(), 0, "{subjects:?}");
    }

    async fn two_at_once_remind_once(app) {
        let acme = acme(&app).await;
        let mut ids = Vec::new();
        for number in 0..20 {
            ids.push(app.invites(&acme, &format!("person{number}@example.com")).await);
        }
        app.settle().await;
        app.advance(Duration::days(3));
        tokio::join!(app.settle(), app.settle());
        assert_eq!(app.mail.messages().len(), 40);
        for id in ids {
            assert_eq!(reminders(&app, &acme, id).await, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_remind_once() {
    let one = TestApp::on(Database::Postgres).await;
    let acme = acme(&one).await;
    let many: Vec<String> = (0..150).map(|number| format!("person{number}@example.com")).collect();
    let invite = one.invite(&acme, &many.join("\n"), "member").await;
    one.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
    one.settle().await;
    let two = one.sibling().await;
    one.advance(Duration::days(3));
    tokio::join!(one.settle(), two.settle());
    assert_eq!(one.mail.messages().len(), 300);
    let events = one.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap();
    assert_eq!(events.iter().filter(|event| event.fact.action() == "invitation.reminded").count(), 150);
}
