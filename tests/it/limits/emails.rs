//! Emails: counted by the mailbox that gets them, whoever has them sent, and in whichever way.

use super::{chrono, client, limit_of};
use crate::harness::{Acme, TestApp};
use vestibule_core::service::Error;
use vestibule_domain::{InviteOutcome, InviteResult, RateLimit, token::Channel, token::LinkClaims};

const GRACE: &str = "grace@example.com";

async fn outcome(app: &TestApp, at: &Acme, email: &str) -> InviteOutcome {
    let invite = app.invite(at, email, "member").await;
    let mut results = app.vestibule.invitations().invite(&at.scope, &invite).await.unwrap();
    let Some(InviteResult { outcome, .. }) = results.pop() else { panic!("nothing came of it") };
    outcome
}

/// Invites and revokes so often, and says how often it worked.
async fn loops(app: &TestApp, at: &Acme, email: &str, times: usize) -> usize {
    let mut made = 0;
    for _ in 0..times {
        if let InviteOutcome::Invited { id } = outcome(app, at, email).await {
            app.vestibule.invitations().revoke(&at.scope, id).await.unwrap();
            made += 1;
        }
    }
    made
}

both! {
    async fn a_loop_of_inviting_and_revoking_does_not_fill_a_mailbox(app) {
        let acme = app.organization("Acme").await;
        assert_eq!(loops(&app, &acme, GRACE, 150).await, 20);
        match outcome(&app, &acme, GRACE).await {
            InviteOutcome::Refused { code, .. } => assert_eq!(code, "mailbox_limit"),
            other => panic!("{other:?}"),
        }
        let other = app.organization("Other").await;
        app.invites(&other, GRACE).await;
        app.invites(&acme, "somebody-else@example.com").await;
        app.advance(chrono::Duration::days(1));
        app.invites(&acme, GRACE).await;
    }

    async fn tags_of_one_mailbox_are_one_mailbox(app) {
        let acme = app.organization("Acme").await;
        let many: Vec<String> = (0..130).map(|n| format!("grace+{n}@example.com")).collect();
        let invite = app.invite(&acme, &many.join("\n"), "member").await;
        let results = app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
        let made = results.iter().filter(|result| matches!(result.outcome, InviteOutcome::Invited { .. })).count();
        assert_eq!(made, 100);
        assert_eq!(app.count_invitations(&acme).await, 100, "what is refused has made nothing");
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 100);
    }

    async fn strangers_do_not_use_up_a_recovery(app) {
        let acme = app.organization("Acme").await;
        for n in 0..6 {
            let tagged = acme.owner.replace('@', &format!("+{n}@"));
            app.vestibule.sessions().forgot_password(&tagged, client(n)).await.unwrap();
        }
        app.vestibule.sessions().forgot_password(&acme.owner, client(9)).await.unwrap();
        app.settle().await;
        assert_eq!(app.inbox(&acme.owner).len(), 1);
        for n in 10..40 {
            app.vestibule.sessions().forgot_password(&acme.owner, client(n)).await.unwrap();
        }
        app.settle().await;
        assert_eq!(app.inbox(&acme.owner).len(), 3, "three at once, each with a link that works for an hour");
        app.advance(chrono::Duration::minutes(20));
        app.vestibule.sessions().forgot_password(&acme.owner, client(41)).await.unwrap();
        app.settle().await;
        assert_eq!(app.inbox(&acme.owner).len(), 4);
    }

    async fn strangers_do_not_use_up_an_admins_resends(app) {
        let acme = app.organization("Acme").await;
        let alan = app.joins(&acme, "alan@acme.example", "Alan Pemberton", "member").await;
        let other = app.organization("Other").await;
        let id = app.invites(&acme, GRACE).await;
        for _ in 0..15 {
            assert!(matches!(app.vestibule.invitations().resend(&other.scope, id).await, Err(Error::NotFound(_))));
            assert!(matches!(app.vestibule.invitations().resend(&alan.scope, id).await, Err(Error::Forbidden(_))));
        }
        for _ in 0..10 {
            app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        }
        let (limit, wait) = limit_of(&app.vestibule.invitations().resend(&acme.scope, id).await).unwrap();
        assert_eq!((limit, wait.as_secs()), (RateLimit::Resends, 360));
        app.advance(chrono(wait));
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
    }

    async fn new_links_are_counted_by_address_and_refused_in_silence(app) {
        let acme = app.organization("Acme").await;
        for n in 0..5 {
            let id = app.invites(&acme, GRACE).await;
            let token = app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel: Channel::Mail });
            let acceptance_session = app.vestibule.acceptance().open(token.as_str()).await.unwrap();
            app.vestibule.acceptance().ask_again(acceptance_session.as_str(), client(n)).await.unwrap();
            app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        }
        let acme_mails = app.vestibule.outbox().page(&acme.scope, &Default::default(), None, 50).await.unwrap().page.items.len();
        assert_eq!(acme_mails, 5 + 3, "five invitations and three new links");
    }

    async fn a_client_asks_for_ten_emails_an_hour(app) {
        for n in 0..10 {
            app.vestibule.sessions().forgot_password(&format!("person{n}@example.com"), client(1)).await.unwrap();
        }
        let (limit, wait) = limit_of(&app.vestibule.sessions().forgot_password("one-more@example.com", client(1)).await).unwrap();
        assert_eq!((limit, wait.as_secs()), (RateLimit::EmailsAskedByClient, 360));
        app.vestibule.sessions().forgot_password("one-more@example.com", client(2)).await.unwrap();
    }
}
