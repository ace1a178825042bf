//! The mail chore: states, backoff, leases.

use chrono::Duration;
use vestibule_domain::{MailFilter, MailState, SendOutcome};

fn deferred() -> SendOutcome {
    SendOutcome::Deferred { response: "451 greylisted".into(), our_fault: false }
}

both! {
    async fn a_deferred_mail_is_tried_again_later_under_the_same_id(app) {
        let acme = app.organization("Acme").await;
        app.mail.answer_with(vec![deferred(), deferred()]);
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Deferred);
        app.settle().await;
        assert_eq!(app.mail.tries().len(), 1, "not before its time");
        app.advance(Duration::seconds(73));
        app.settle().await;
        assert_eq!(app.mail.tries().len(), 2);
        app.advance(Duration::minutes(6) + Duration::seconds(1));
        app.settle().await;
        let tries = app.mail.tries();
        assert_eq!(tries.len(), 3);
        assert!(tries.iter().all(|message| message.message_id == tries[0].message_id));
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Sent);
        assert_eq!(app.actions(&acme, id).await, ["invitation.created", "invitation.sent"]);
    }

    async fn after_three_days_nobody_tries_any_more(app) {
        let acme = app.organization("Acme").await;
        app.mail.answer_with((0..100).map(|_| deferred()).collect());
        let id = app.invites(&acme, "grace@example.com").await;
        for _ in 0..(4 * 24) {
            app.settle().await;
            app.advance(Duration::hours(1));
        }
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Failed);
        let tries = app.mail.tries().len();
        assert!((8..=20).contains(&tries), "{tries} tries");
    }

    async fn a_fault_of_ours_blames_no_address(app) {
        let acme = app.organization("Acme").await;
        app.mail.answer_with((0..(4 * 24)).map(|_| SendOutcome::Deferred { response: "535 wrong credentials".into(), our_fault: true }).collect());
        let id = app.invites_as(&acme, "grace@example.com", "member").await;
        for _ in 0..(4 * 24) {
            app.settle().await;
            app.advance(Duration::hours(1));
        }
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Deferred);
        app.settle().await;
        assert_eq!(app.invitation(&acme, id).await.mail_state, MailState::Sent);
    }

    async fn nothing_of_a_link_lies_in_the_outbox(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let mail = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap().page.items[0].clone();
        let row = serde_json::to_string(&mail).unwrap();
        app.settle().await;
        let token = app.mailed_token("grace@example.com");
        assert!(!row.contains(&token[4..24]), "{row}");
    }
}
