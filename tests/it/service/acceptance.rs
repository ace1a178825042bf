//! The invitee's side.

use crate::harness::{Acme, PASSWORD, TestApp, cast::CLIENT};
use chrono::Duration;
use vestibule_core::service::{AcceptanceSessionToken, AccountConflict, Conflict, Error, InvitationConflict, NotFound};
use vestibule_domain::{
    AcceptanceStep, InvitationId, Role, User,
    token::{Channel, LinkClaims},
};

async fn acceptance_session(app: &TestApp, email: &str) -> AcceptanceSessionToken {
    app.settle().await;
    app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap()
}

async fn shared(app: &TestApp, id: InvitationId, generation: u32) -> AcceptanceSessionToken {
    let token = app.signing_keys.token(LinkClaims { invitation_id: id, generation, channel: Channel::Shared });
    app.vestibule.acceptance().open(token.as_str()).await.unwrap()
}

async fn step(app: &TestApp, acceptance_session: &AcceptanceSessionToken, user: Option<&User>) -> AcceptanceStep {
    app.vestibule.acceptance().offer(acceptance_session.as_str(), user).await.unwrap().step
}

async fn names(app: &TestApp, at: &Acme) -> Vec<String> {
    app.vestibule.members().all(&at.scope).await.unwrap().into_iter().map(|member| member.name.to_string()).collect()
}

both! {
    async fn a_new_person_joins_by_the_mailed_link(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let acceptance_session = acceptance_session(&app, "grace@example.com").await;
        assert_eq!(step(&app, &acceptance_session, None).await, AcceptanceStep::New);
        let (session, joined) = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        assert_eq!((joined.slug.as_str(), joined.goes_on), ("acme", false));
        let grace = app.vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
        assert!(grace.is_email_verified);
        assert_eq!(names(&app, &acme).await, ["Ada Byrne", "Grace Okafor"]);
        app.settle().await;
        let expected = ["invitation.created", "invitation.sent", "invitation.opened", "invitation.accepted", "member.added"];
        assert_eq!(app.actions(&acme, id).await, expected);
        assert!(app.newest_mail("ada@acme.example").subject.contains("Grace Okafor"), "the inviter hears of it");
    }

    async fn a_second_acceptance_is_refused(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let acceptance_session = acceptance_session(&app, "grace@example.com").await;
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let again = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Mallory", PASSWORD).await;
        assert!(matches!(again, Err(Error::Closed(vestibule_domain::Status::Accepted))), "{again:?}");
        assert_eq!(names(&app, &acme).await.len(), 2);
    }

    async fn a_known_person_signs_in_and_joins(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.joins(&other, "grace@example.com", "Grace Okafor", "member").await;
        app.invites(&acme, "grace@example.com").await;
        let acceptance_session = acceptance_session(&app, "grace@example.com").await;
        assert_eq!(step(&app, &acceptance_session, None).await, AcceptanceStep::SignIn);
        assert!(matches!(app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Mallory", PASSWORD).await, Err(Error::Conflict(Conflict::Account(AccountConflict::EmailTaken)))));
        let wrong = app.vestibule.acceptance().sign_in_to_accept(acceptance_session.as_str(), "not the password", crate::harness::cast::CLIENT).await;
        assert!(matches!(wrong, Err(Error::Unauthenticated)));
        let session = app.vestibule.acceptance().sign_in_to_accept(acceptance_session.as_str(), PASSWORD, crate::harness::cast::CLIENT).await.unwrap();
        let grace = app.vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
        assert_eq!(step(&app, &acceptance_session, Some(&grace)).await, AcceptanceStep::Join);
        app.vestibule.acceptance().accept(acceptance_session.as_str(), &grace).await.unwrap();
        assert_eq!(names(&app, &acme).await, ["Ada Byrne", "Grace Okafor"]);
    }

    async fn another_account_cannot_accept(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.invites(&acme, "grace@example.com").await;
        let acceptance_session = acceptance_session(&app, "grace@example.com").await;
        assert!(matches!(step(&app, &acceptance_session, Some(&other.user)).await, AcceptanceStep::WrongAccount { .. }));
        let refused = app.vestibule.acceptance().accept(acceptance_session.as_str(), &other.user).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Account(AccountConflict::WrongAccount)))));
        assert_eq!(names(&app, &acme).await, ["Ada Byrne"]);
    }

    async fn a_shared_link_needs_a_mailed_code(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let acceptance_session = shared(&app, id, 1).await;
        assert_eq!(step(&app, &acceptance_session, None).await, AcceptanceStep::Code { asked: false, tries: 5 });
        let refused = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Mallory", PASSWORD).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Account(AccountConflict::MailboxUnproven)))));
        assert!(matches!(app.vestibule.acceptance().decline(acceptance_session.as_str(), "").await, Err(Error::Conflict(Conflict::Account(AccountConflict::MailboxUnproven)))));
        app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.unwrap();
        app.settle().await;
        let code = app.mailed_code("grace@example.com");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let Err(Error::Invalid(violations)) = app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), wrong, CLIENT).await else { panic!() };
        assert_eq!(violations[0].sentence, "That is not the code. 4 tries are left. The newest email has the right code.");
        app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), &code, CLIENT).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        assert_eq!(names(&app, &acme).await, ["Ada Byrne", "Grace Okafor"]);
    }

    async fn a_code_is_used_up_after_five_wrong_tries(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let acceptance_session = shared(&app, id, 1).await;
        app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.unwrap();
        app.settle().await;
        let code = app.mailed_code("grace@example.com");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            assert!(app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), wrong, CLIENT).await.is_err());
        }
        assert!(app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), &code, CLIENT).await.is_err(), "the right one comes too late");
        app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.unwrap();
        app.settle().await;
        app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), &app.mailed_code("grace@example.com"), CLIENT).await.unwrap();
    }

    async fn somebody_signed_in_with_a_proved_address_needs_no_code_for_a_shared_link(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        let grace = app.joins(&other, "grace@example.com", "Grace Okafor", "member").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let acceptance_session = shared(&app, id, 1).await;
        assert_eq!(step(&app, &acceptance_session, None).await, AcceptanceStep::Code { asked: false, tries: 5 }, "nobody is told of the account");
        assert_eq!(step(&app, &acceptance_session, Some(&grace.user)).await, AcceptanceStep::Join);
        app.vestibule.acceptance().accept(acceptance_session.as_str(), &grace.user).await.unwrap();
        assert_eq!(names(&app, &acme).await.len(), 2);
    }

    async fn accepting_as_a_member_changes_no_role(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites_as(&acme, "grace@example.com", "admin").await;
        app.settle().await;
        let token = app.mailed_token("grace@example.com");
        // she joins by another way meanwhile: an older invitation to the same address can't be, so roles are compared
        let acceptance_session = app.vestibule.acceptance().open(&token).await.unwrap();
        let (session, _) = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        let grace = app.vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
        assert!(matches!(step(&app, &acceptance_session, Some(&grace)).await, AcceptanceStep::Accepted { .. }));
        let members = app.vestibule.members().all(&acme.scope).await.unwrap();
        assert_eq!(members[1].roles.iter().map(|role| role.key.as_str()).collect::<Vec<_>>(), [Role::ADMIN]);
        assert_eq!(members[1].invitation_id, Some(id));
    }

    async fn a_decline_tells_the_inviter_and_frees_the_address(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let first = acceptance_session(&app, "grace@example.com").await;
        app.vestibule.acceptance().decline(first.as_str(), "My desk is full.").await.unwrap();
        assert!(matches!(step(&app, &first, None).await, AcceptanceStep::Declined { .. }));
        app.settle().await;
        assert!(app.newest_mail("ada@acme.example").text.contains("My desk is full."));
        assert_eq!(*app.actions(&acme, id).await.last().unwrap(), "invitation.declined");
        app.invites(&acme, "grace@example.com").await;
    }

    async fn each_dead_link_says_what_happened(app) {
        let acme = app.organization("Acme").await;
        let expired = { app.invites(&acme, "expired@example.com").await; acceptance_session(&app, "expired@example.com").await };
        app.advance(Duration::days(6) + Duration::hours(23) + Duration::minutes(45));
        let fresh = app.vestibule.acceptance().open(&app.mailed_token("expired@example.com")).await.unwrap();
        app.advance(Duration::minutes(15));
        assert_eq!(step(&app, &fresh, None).await, AcceptanceStep::Expired);
        assert!(matches!(app.vestibule.acceptance().offer(expired.as_str(), None).await, Err(Error::NotFound(NotFound::Link))), "the visit itself is over");
        let late = app.vestibule.acceptance().accept_as_new(fresh.as_str(), "Grace Okafor", PASSWORD).await;
        assert!(matches!(late, Err(Error::Closed(vestibule_domain::Status::Expired))));

        let id = app.invites(&acme, "revoked@example.com").await;
        let revoked = acceptance_session(&app, "revoked@example.com").await;
        app.vestibule.invitations().revoke(&acme.scope, id).await.unwrap();
        assert!(matches!(step(&app, &revoked, None).await, AcceptanceStep::Revoked { .. }));
        let late = app.vestibule.acceptance().accept_as_new(revoked.as_str(), "Grace Okafor", PASSWORD).await;
        assert!(matches!(late, Err(Error::Closed(vestibule_domain::Status::Revoked))));

        let id = app.invites(&acme, "replaced@example.com").await;
        let replaced = acceptance_session(&app, "replaced@example.com").await;
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        assert_eq!(step(&app, &replaced, None).await, AcceptanceStep::Replaced);
        let late = app.vestibule.acceptance().accept_as_new(replaced.as_str(), "Grace Okafor", PASSWORD).await;
        assert!(matches!(late, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::Replaced)))));
        assert_eq!(names(&app, &acme).await, ["Ada Byrne"]);
    }

    async fn what_we_did_not_make_opens_nothing(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let mut token = app.mailed_token("grace@example.com");
        let last = if token.pop() == Some('A') { 'B' } else { 'A' };
        token.push(last);
        for token in [token.as_str(), "vst_", "", "rubbish"] {
            assert!(matches!(app.vestibule.acceptance().open(token).await, Err(Error::NotFound(NotFound::Link))), "{token}");
        }
    }

    async fn an_inviter_who_lost_the_right_takes_the_offer_along(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        app.invites_as(&joan, "grace@example.com", "admin").await;
        app.invites_as(&joan, "alan@example.com", "member").await;
        let (as_admin, as_member) = (acceptance_session(&app, "grace@example.com").await, acceptance_session(&app, "alan@example.com").await);
        app.vestibule.members().remove(&acme.scope, joan.member_id()).await.unwrap();
        for (acceptance_session, name) in [(as_admin, "Grace Okafor"), (as_member, "Alan Pemberton")] {
            assert!(matches!(step(&app, &acceptance_session, None).await, AcceptanceStep::Revoked { .. }), "{name}");
            let refused = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), name, PASSWORD).await;
            assert!(matches!(refused, Err(Error::Closed(vestibule_domain::Status::Revoked))), "{refused:?}");
        }
        assert_eq!(names(&app, &acme).await, ["Ada Byrne"]);
    }

    async fn asking_again_mails_the_invited_address_only_and_not_often(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        app.settle().await;
        let token = app.mailed_token("grace@example.com");
        app.advance(Duration::days(8));
        app.settle().await;
        let expired = app.vestibule.acceptance().open(&token).await.unwrap();
        for _ in 0..10 {
            app.vestibule.acceptance().ask_again(expired.as_str(), CLIENT).await.unwrap();
        }
        app.settle().await;
        assert_eq!(app.inbox("grace@example.com").len(), 1 + 3);
        assert_eq!(app.mail.messages().len(), 4, "nobody else was written to");
        let renewed = acceptance_session(&app, "grace@example.com").await;
        assert_eq!(step(&app, &renewed, None).await, AcceptanceStep::New);
        assert_eq!(step(&app, &expired, None).await, AcceptanceStep::Replaced);
    }

    async fn a_common_password_and_a_name_with_a_link_are_both_told(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        let acceptance_session = acceptance_session(&app, "grace@example.com").await;
        let Err(Error::Invalid(violations)) = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "evil.com", "Password1234").await else { panic!() };
        assert_eq!(violations.iter().map(|v| v.code.as_ref()).collect::<Vec<_>>(), ["link", "password_common"]);
    }
}
