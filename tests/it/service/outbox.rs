//! The outbox, and what its readers may not see.

use crate::harness::{Database, Setup, TestApp, inbox::after};
use chrono::Duration;
use vestibule_core::service::{Conflict, Error, InvitationConflict, MailConflict, NotFound};
use vestibule_domain::{MailFilter, MailState, SendOutcome, Status, Total};

both! {
    async fn a_mail_that_went_to_a_server_shows_no_link(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let token = app.mailed_token("grace@example.com");
        let list = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap();
        assert_eq!((list.page.items.len(), list.counts.of(MailState::Sent), list.has_server), (1, Total::exact(1), true));
        let mail = app.vestibule.outbox().get(&acme.scope, list.page.items[0].id).await.unwrap();
        for part in [&mail.text, &mail.html, &mail.raw] {
            assert!(!part.contains(&token[..20]) && !part.contains(&token[token.len() - 20..]), "{part}");
        }
        assert!(mail.text.contains("Ada Byrne"));
    }

    async fn a_failed_mail_is_tried_again_on_demand(app) {
        let acme = app.organization("Acme").await;
        app.mail.answer_with(vec![SendOutcome::Failed { response: "550 no such mailbox".into() }]);
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Failed);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.delivery_failed"]);
        let mail = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap().page.items[0].clone();
        assert_eq!(mail.response.as_deref(), Some("550 no such mailbox"));
        app.vestibule.outbox().retry(&acme.scope, mail.id).await.unwrap();
        app.settle().await;
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Sent);
        assert!(matches!(app.vestibule.outbox().retry(&acme.scope, mail.id).await, Err(Error::Conflict(Conflict::Mail(MailConflict::Done)))));
    }

    async fn another_try_keeps_when_a_mail_was_written_and_begins_its_schedule_anew(app) {
        let acme = app.organization("Acme").await;
        let deferred = SendOutcome::Deferred { response: "451 greylisted".into(), our_fault: false };
        app.mail.answer_with(vec![deferred; 100]);
        let id = app.invites(&acme, "grace@example.com").await;
        let written = app.vestibule.now();
        let until_failed = async || {
            let before = app.mail.tries().len();
            while app.invitation(&acme, id).await.mail_state != MailState::Failed {
                app.settle().await;
                app.advance(Duration::minutes(10));
            }
            app.mail.tries().len() - before
        };
        let mail = || async {
            app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap().page.items[0].clone()
        };
        let tries = until_failed().await;
        app.vestibule.outbox().retry(&acme.scope, mail().await.id).await.unwrap();
        let retried = app.vestibule.now();
        app.settle().await;
        let mail = mail().await;
        assert_eq!((mail.state, mail.created_at), (MailState::Deferred, written));
        assert!(mail.due_at - retried <= Duration::seconds(72), "the next try is due at {}", mail.due_at);
        let later = until_failed().await + 1;
        assert!(later.abs_diff(tries) <= 2, "{tries} tries, and {later} when asked for again");
        assert!(app.vestibule.now() - retried >= Duration::days(3));
    }

    async fn a_mail_of_a_stronger_invitation_is_not_sent_again(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        app.mail.answer_with(vec![SendOutcome::Failed { response: "550 no such mailbox".into() }; 2]);
        let mut tried = app.mail.tries().len();
        for (role, may) in [("owner", false), ("admin", true)] {
            let id = app.invites_as(&acme, &format!("{role}@example.com"), role).await;
            app.settle().await;
            tried += 1;
            let list = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap();
            let mail = list.page.items.into_iter().find(|mail| mail.letter.invitation_id() == Some(id)).unwrap();
            assert_eq!(mail.state, MailState::Failed);
            assert_eq!(app.vestibule.invitations().may_retry_mail(&joan.scope, &mail).await.unwrap(), may);
            let page = app.client_of(&joan.session).get(&format!("/o/acme/outbox/{}", mail.id)).await.text;
            assert_eq!(page.contains("Send again"), may, "{page}");
            let retried = app.vestibule.outbox().retry(&joan.scope, mail.id).await;
            assert_eq!(retried.is_ok(), may, "{role}: {retried:?}");
            app.settle().await;
            tried += usize::from(may);
            assert_eq!(app.mail.tries().len(), tried);
        }
    }

    async fn a_mail_whose_link_no_longer_works_is_not_sent_again(app) {
        let mut acme = app.organization("Acme").await;
        for (what, words) in [("revoked", "The invitation was revoked."), ("replaced", "A newer email"), ("expired", "The invitation has expired.")] {
            app.mail.answer_with(vec![SendOutcome::Failed { response: "550 no such mailbox".into() }]);
            let id = app.invites(&acme, &format!("{what}@example.com")).await;
            app.settle().await;
            let failed = MailFilter { state: Some(MailState::Failed), ..MailFilter::default() };
            let list = app.vestibule.outbox().page(&acme.scope, &failed, None, 50).await.unwrap();
            let mail = list.page.items.into_iter().find(|mail| mail.letter.invitation_id() == Some(id)).unwrap();
            assert!(app.vestibule.invitations().may_retry_mail(&acme.scope, &mail).await.unwrap(), "{what}: not yet");
            match what {
                "revoked" => drop(app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap()),
                "replaced" => drop(app.vestibule.invitations().resend(&acme.scope, id).await.unwrap()),
                _ => {
                    app.advance(app.invitation(&acme, id).await.expires_at - app.vestibule.now());
                    // the session is over, too
                    acme = app.enter("acme", &acme.owner).await;
                }
            }
            app.settle().await;
            let tried = app.mail.tries().len();
            assert!(!app.vestibule.invitations().may_retry_mail(&acme.scope, &mail).await.unwrap(), "{what}");
            match app.vestibule.outbox().retry(&acme.scope, mail.id).await {
                Err(Error::Closed(Status::Revoked)) => assert_eq!(what, "revoked"),
                Err(Error::Closed(Status::Expired)) => assert_eq!(what, "expired"),
                Err(Error::Conflict(Conflict::Invitation(InvitationConflict::Replaced))) => assert_eq!(what, "replaced"),
                other => panic!("{what}: {other:?}"),
            }
            let (ada, page) = (app.client_of(&acme.session), format!("/o/acme/outbox/{}", mail.id));
            assert!(!ada.get(&page).await.text.contains("Send again"), "{what}");
            let posted = ada.post(&format!("{page}/retry"), &[]).await;
            assert_eq!((posted.location(), posted.flash()), (page.as_str(), "refused".into()), "{what}");
            let told = ada.get(&page).await.text;
            assert!(told.contains("Nothing was sent") && told.contains(words), "{what}: {told}");
            app.settle().await;
            assert_eq!(app.mail.tries().len(), tried, "{what}");
            let mail = app.vestibule.outbox().get(&acme.scope, mail.id).await.unwrap().mail;
            assert_eq!(mail.state, MailState::Failed, "{what}");
        }
    }

    async fn another_organizations_mail_is_missing(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.invites(&acme, "grace@example.com").await;
        let id = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap().page.items[0].id;
        assert!(matches!(app.vestibule.outbox().get(&other.scope, id).await, Err(Error::NotFound(NotFound::Mail))));
        assert!(matches!(app.vestibule.outbox().retry(&other.scope, id).await, Err(Error::NotFound(NotFound::Mail))));
        assert!(app.vestibule.outbox().page(&other.scope, &MailFilter::default(), None, 50).await.unwrap().page.items.is_empty());
    }
}

#[tokio::test]
async fn without_a_mail_server_the_outbox_is_where_mail_is_read() {
    let app = TestApp::with(Setup { database: Database::Sqlite, mailer: Some(None), ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Queued, "nothing pretends to be sent");
    let list = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap();
    assert!(!list.has_server);
    let mail = app.vestibule.outbox().get(&acme.scope, list.page.items[0].id).await.unwrap();
    app.vestibule.acceptance().open(&after(&mail.text, "/i/")).await.unwrap();
}
