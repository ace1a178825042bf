//! Codes: what is guessed is a mailbox, whichever invitation, link or instance it is guessed by.

use super::{chrono, client, limit_of};
use crate::harness::{Acme, TestApp};
use futures::future::join_all;
use vestibule_core::service::{AcceptanceSessionToken, Error, Result};
use vestibule_domain::{
    InvitationId, RateLimit,
    token::{Channel, LinkClaims},
};

const GRACE: &str = "grace@example.com";

/// A page that the link to hand over has opened.
async fn acceptance_session(app: &TestApp, id: InvitationId) -> AcceptanceSessionToken {
    let token = app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel: Channel::Shared });
    app.vestibule.acceptance().open(token.as_str()).await.unwrap()
}

/// The same, after a code was sent.
async fn asked(app: &TestApp, id: InvitationId) -> AcceptanceSessionToken {
    let acceptance_session = acceptance_session(app, id).await;
    app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.unwrap();
    acceptance_session
}

/// A new code, as soon as there may be one.
async fn asked_later(app: &TestApp, id: InvitationId) -> AcceptanceSessionToken {
    app.advance(chrono::Duration::minutes(10));
    asked(app, id).await
}

async fn guess(app: &TestApp, acceptance_session: &AcceptanceSessionToken, from: u8) -> Result<()> {
    app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), "000000", client(from)).await
}

fn tried(answers: &[Result<()>]) -> usize {
    answers.iter().filter(|answer| matches!(answer, Err(Error::Invalid(_)))).count()
}

async fn invites_by_hand(app: &TestApp, at: &Acme, email: &str) -> InvitationId {
    let mut invite = app.invite(at, email, "member").await;
    invite.notify = false;
    app.vestibule.invitations().invite(&at.scope, &invite).await.unwrap();
    app.vestibule.invitations().page(&at.scope, &Default::default(), None, 1).await.unwrap().page.items[0].invitation.id
}

both! {
    async fn two_hundred_guesses_at_once_are_twenty_on_two_instances_too(app) {
        let acme = app.organization("Acme").await;
        let id = invites_by_hand(&app, &acme, GRACE).await;
        let other = app.sibling().await;
        let mut acceptance_sessions = Vec::new();
        for _ in 0..5 {
            acceptance_sessions.push(asked(&app, id).await);
        }
        let at = |n: usize| if n.is_multiple_of(2) { &app } else { &other };
        let answers = join_all((0..200).map(|n| guess(at(n), &acceptance_sessions[n % 5], (n % 50) as u8))).await;
        let is_used_up = |answer: &&Result<()>| matches!(answer, Err(Error::Invalid(why)) if why[0].sentence.contains("used up"));
        let used_up = (0..5).filter(|acceptance_session| answers.iter().skip(*acceptance_session).step_by(5).any(|answer| is_used_up(&answer))).count();
        let others = tried(&answers) - answers.iter().filter(is_used_up).count();
        assert_eq!(others + used_up, 20, "five tries of five codes would be twenty-five");
        let refused = guess(&app, &asked_later(&app, id).await, 99).await;
        assert_eq!(limit_of(&refused).unwrap().0, RateLimit::CodeTries);
    }

    async fn inviting_again_gives_no_more_guesses(app) {
        let acme = app.organization("Acme").await;
        let mut guesses = 0;
        for n in 0..12 {
            let id = invites_by_hand(&app, &acme, GRACE).await;
            let acceptance_session = acceptance_session(&app, id).await;
            if app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.is_ok() {
                for _ in 0..5 {
                    guesses += usize::from(limit_of(&guess(&app, &acceptance_session, n).await).is_none());
                }
            }
            app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
            app.advance(chrono::Duration::minutes(10));
        }
        assert!((20..=22).contains(&guesses), "{guesses} in two hours: twenty, and what is refilled by then");
    }

    async fn codes_are_sent_five_at_once_and_the_wait_that_is_told_is_true(app) {
        let acme = app.organization("Acme").await;
        let id = invites_by_hand(&app, &acme, GRACE).await;
        let acceptance_sessions = join_all((0..20).map(|_| acceptance_session(&app, id))).await;
        let answers = join_all(acceptance_sessions.iter().map(|acceptance_session| app.vestibule.acceptance().send_code(acceptance_session.as_str()))).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
        let (limit, wait) = limit_of(&app.vestibule.acceptance().send_code(acceptance_sessions[0].as_str()).await).unwrap();
        assert_eq!((limit, wait.as_secs()), (RateLimit::Codes, 600));
        app.settle().await;
        assert_eq!(app.inbox(GRACE).len(), 5);
        app.advance(chrono(wait));
        app.vestibule.acceptance().send_code(acceptance_sessions[0].as_str()).await.unwrap();
    }

    async fn a_right_code_takes_nothing(app) {
        let acme = app.organization("Acme").await;
        for n in 0..8 {
            let id = invites_by_hand(&app, &acme, GRACE).await;
            let acceptance_session = asked(&app, id).await;
            app.settle().await;
            for _ in 0..2 {
                assert!(limit_of(&guess(&app, &acceptance_session, n).await).is_none());
            }
            let code = app.mailed_code(GRACE);
            app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), &code, client(n)).await.unwrap();
            app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
            app.advance(chrono::Duration::minutes(10));
        }
    }

    async fn one_client_guesses_at_many_mailboxes_no_more_than_at_one(app) {
        let acme = app.organization("Acme").await;
        let mut answers = Vec::new();
        for n in 0..12 {
            let id = invites_by_hand(&app, &acme, &format!("person{n}@example.com")).await;
            let acceptance_session = asked(&app, id).await;
            for _ in 0..3 {
                answers.push(guess(&app, &acceptance_session, 1).await);
            }
        }
        assert_eq!(tried(&answers), 30);
        assert_eq!(limit_of(answers.last().unwrap()).unwrap().0, RateLimit::CodeTriesOfClient);
    }
}
