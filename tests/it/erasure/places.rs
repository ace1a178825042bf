//! Wherever a person's name or address was, a pseudonym is.

use super::GRACE;
use serde_json::json;
use vestibule_core::service::{Conflict, Error, InvitationConflict, NewInvitation, NotFound};
use vestibule_domain::token::{Channel, LinkClaims};
use vestibule_domain::{AcceptanceStep, Actor, Fact, InvitationId, Permission, Status};

const HERS: [&str; 6] = [GRACE, "Grace Hopper", "come aboard", "COBOL-1", "rear admiral", "the navy has other plans"];
const JOANS: [&str; 2] = ["joan@acme.example", "Joan Whitlock"];

both! {
    async fn an_invitee_leaves_nothing_behind_and_their_link_dies(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let id: InvitationId = app.grace(&program).await.parse().unwrap();
        let token = app.mailed_token("Grace.Hopper@navy.example");
        app.vestibule.acceptance().open(&token).await.unwrap();
        let before = app.everything().await;
        assert!(before.contains("Grace Hopper") && before.contains("COBOL-1"), "the right words are looked for");
        let erasure = app.erases(&acme, "GRACE.Hopper@navy.example").await;
        assert!(erasure.is_finished && erasure.kept.invitations == 1 && erasure.kept.mails == 1, "{erasure:?}");
        app.holds_none_of(&HERS).await;
        app.verifies(&acme).await;
        let invitation = app.invitation(&acme, id).await;
        assert_eq!(invitation.status(app.vestibule.now()), Status::Revoked);
        assert_eq!(invitation.name.unwrap().as_str(), erasure.pseudonym);
        assert!(invitation.email.as_str().ends_with("@erased.invalid"));
        let actions = app.actions(&acme, id).await;
        assert_eq!(actions, ["invitation.created", "invitation.sent", "invitation.opened", "invitation.revoked"]);
        let acceptance_session = app.vestibule.acceptance().open(&token).await.unwrap();
        let step = app.vestibule.acceptance().offer(acceptance_session.as_str(), None).await.unwrap().step;
        assert!(matches!(step, AcceptanceStep::Revoked { .. }), "the link says that it was withdrawn: {step:?}");
        assert!(matches!(app.vestibule.erasure().erase(&acme.scope, GRACE).await, Err(Error::NotFound(NotFound::Person))));
        assert_eq!(app.count("select count(*) from erasures").await, 0, "nobody remembers whom the pseudonym stood for");
    }

    async fn whoever_declined_takes_their_reason_along(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        app.grace(&program).await;
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token("Grace.Hopper@navy.example")).await.unwrap();
        app.vestibule.acceptance().decline(acceptance_session.as_str(), "the navy has other plans").await.unwrap();
        app.settle().await;
        app.erases(&acme, GRACE).await;
        app.holds_none_of(&HERS).await;
        app.verifies(&acme).await;
        assert_eq!(app.facts(&acme, "invitation.declined").await, [Fact::InvitationDeclined { reason: None }]);
    }

    async fn a_member_leaves_a_pseudonym_that_reads_the_same_everywhere(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joan_of(&acme).await;
        let quoting = json!({
            "email": "quill@example.com",
            "metadata": { "note": "Ask JOAN@acme.example, not xjoan@acme.example", "manager": "joan@acme.example" },
        });
        assert_eq!(app.program(&acme).await.post("/invitations", &quoting).await.status, 201);
        app.settle().await;
        let erasure = app.erases(&acme, "joan@acme.example").await;
        assert!(erasure.kept.member && erasure.kept.api_keys == 1 && erasure.kept.webhooks == 1, "{erasure:?}");
        let all = app.everything().await.replace("xjoan@acme.example", "");
        for word in JOANS {
            assert!(!all.to_lowercase().contains(&word.to_lowercase()), "{word} is still there");
        }
        let id = joan.user.id.to_string();
        assert!(!app.events_text(&acme).await.contains(&id), "nor is her account");
        app.verifies(&acme).await;
        assert!(app.vestibule.sessions().sign_in("joan@acme.example", crate::harness::PASSWORD, crate::harness::cast::CLIENT).await.is_err());
        assert!(app.vestibule.sessions().get(joan.session.as_str()).await.unwrap().is_none());
        assert!(app.vestibule.api_keys().all(&acme.scope).await.unwrap().iter().all(|key| key.name.as_str() != "robot" || key.revoked_at.is_some()));
        let names: std::collections::BTreeSet<String> = app.vestibule.feed().events(&acme.scope, 0, 500).await.unwrap().iter()
            .filter_map(|event| match &event.actor { Actor::Member { name, .. } => Some(name.to_string()), _ => None }).collect();
        assert_eq!(names, ["Ada Byrne".to_owned(), erasure.pseudonym.clone()].into());
        let joined = Fact::MemberAdded { name: erasure.pseudonym.clone(), roles: vec!["Admin".into()] };
        assert!(app.facts(&acme, "member.added").await.contains(&joined));
        assert_eq!(app.facts(&acme, "person.erased").await, [Fact::PersonErased { name: erasure.pseudonym }]);
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), 2, "one by her, and her open one");
    }

    async fn what_another_organization_knows_stays(app) {
        let acme = app.organization("Acme").await;
        let other = app.organization("Other").await;
        let invitation_id = app.invites(&other, "joan@acme.example").await;
        app.settle().await;
        let joan = app.joan_of(&acme).await;
        let token = app.signing_keys.token(LinkClaims { invitation_id, generation: 1, channel: Channel::Mail });
        let acceptance_session = app.vestibule.acceptance().open(token.as_str()).await.unwrap();
        app.vestibule.acceptance().accept(acceptance_session.as_str(), &joan.user).await.unwrap();
        let before = app.events_text(&other).await;
        app.erases(&acme, "joan@acme.example").await;
        assert_eq!(app.events_text(&other).await, before);
        let joan = app.enter("other", "joan@acme.example").await;
        assert_eq!(joan.user.name.as_str(), "Joan Whitlock");
        let acmes = app.events_text(&acme).await;
        assert!(!acmes.contains("Joan Whitlock") && !acmes.contains(&joan.user.id.to_string()));
        let invited = app.vestibule.invitations().page(&acme.scope, &Default::default(), None, 50).await.unwrap();
        assert!(invited.page.items.iter().all(|row| row.inviter.as_str() != "Joan Whitlock"), "not as who invited, either");
    }

    async fn the_last_owner_stays_and_nothing_happens(app) {
        let acme = app.organization("Acme").await;
        let before = app.everything().await;
        let refused = app.vestibule.erasure().erase(&acme.scope, &acme.owner).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::LastOwner))), "{refused:?}");
        if !app.database_url.starts_with("sqlite:") {
            assert_eq!(app.everything().await, before);
        }
        assert_eq!(app.events_text(&acme).await.matches("person.erased").count(), 0);
    }

    async fn of_two_owners_one_can_be_erased_by_themselves(app) {
        let acme = app.organization("Acme").await;
        app.joins(&acme, "mary@acme.example", "Mary Quill", "owner").await;
        let erasure = app.erases(&acme, &acme.owner).await;
        app.holds_none_of(&["Ada Byrne", "ada@acme.example"]).await;
        let mary = app.enter("acme", "mary@acme.example").await;
        app.verifies(&mary).await;
        let founded = Fact::MemberAdded { name: erasure.pseudonym, roles: vec!["Owner".into()] };
        assert_eq!(app.facts(&mary, "member.added").await.first(), Some(&founded));
    }

    async fn who_holds_more_or_less_than_an_owner_is_told_so(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joan_of(&acme).await;
        app.invites(&acme, GRACE).await;
        let refused = app.vestibule.erasure().erase(&joan.scope, GRACE).await;
        assert!(matches!(refused, Err(Error::Forbidden(Permission::OrganizationEdit))), "{refused:?}");
        assert!(app.everything().await.contains(GRACE));
    }

    async fn an_erased_invitation_is_not_revived(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, GRACE).await;
        app.settle().await;
        app.advance(chrono::Duration::days(8));
        app.settle().await;
        app.erases(&acme, GRACE).await;
        let mails = app.mail.messages().len();
        assert!(matches!(app.vestibule.invitations().resend(&acme.scope, id).await, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::Erased)))));
        app.settle().await;
        assert_eq!(app.mail.messages().len(), mails);
        assert_eq!(app.invitation(&acme, id).await.status(app.vestibule.now()), Status::Expired);
        let invited = app.invites(&acme, GRACE).await;
        assert_ne!(invited, id, "they can be invited anew, as somebody unknown");
    }

    async fn what_a_program_repeats_is_answered_without_the_person(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let again = async || {
            let request = program.request(reqwest::Method::POST, "/invitations").header("idempotency-key", "one");
            program.send(request.json(&json!({ "email": GRACE, "name": "Grace Hopper" }))).await
        };
        let first = again().await.json();
        app.erases(&acme, GRACE).await;
        app.holds_none_of(&HERS).await;
        let answer = again().await;
        assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (201, &first["id"]), "nobody is invited anew");
        assert_eq!(app.count_invitations(&acme).await, 1);
    }

    async fn two_people_in_one_event_are_erased_one_after_the_other(app) {
        let acme = app.organization("Acme").await;
        app.joan_of(&acme).await;
        app.erases(&acme, "hugo@example.com").await;
        app.verifies(&acme).await;
        app.erases(&acme, "joan@acme.example").await;
        app.holds_none_of(&JOANS).await;
        app.holds_none_of(&["hugo@example.com"]).await;
        app.verifies(&acme).await;
    }

    async fn a_restart_goes_on_where_it_stopped(app) {
        let acme = app.organization("Acme").await;
        app.joan_of(&acme).await;
        for number in 0..30 {
            app.invites(&acme, &format!("person{number}@example.com")).await;
        }
        app.vestibule.erasure().begin(&acme.scope, "joan@acme.example").await.unwrap();
        assert!(app.everything().await.contains("joan@acme.example"), "not all is done at once");
        let again = app.restarted(true).await;
        again.settle().await;
        again.holds_none_of(&JOANS).await;
        again.verifies(&acme).await;
    }

    async fn whoever_invited_very_many_leaves_none_of_them_open(app) {
        let acme = app.organization("Acme").await;
        let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
        let role_ids = vec![app.role(&acme, "member").await];
        let of = |n: usize| NewInvitation { email: format!("guest{n}@example.com"), role_ids: role_ids.clone(), ..NewInvitation::default() };
        let rows: Vec<NewInvitation> = (0..250).map(of).collect();
        app.vestibule.invitations().invite_rows(&joan.scope, &rows, false).await.unwrap();
        assert_eq!(app.count("select count(*) from invitations where status = 'pending'").await, 250);
        let erasure = app.erases(&acme, "joan@acme.example").await;
        assert_eq!(erasure.kept.invited, 250);
        assert_eq!(app.count("select count(*) from invitations where status = 'pending'").await, 0);
        assert_eq!(app.facts(&acme, "invitation.revoked").await.len(), 250, "each once");
        let inviters = "select count(*) from invitations i join users u on u.id = i.inviter_id where u.name = 'Joan Whitlock'";
        assert_eq!(app.count(inviters).await, 0);
        assert_eq!(app.count("select count(*) from users where email = 'joan@acme.example'").await, 0, "nothing holds her account");
        app.verifies(&acme).await;
    }

    async fn an_erasure_that_goes_on_is_told_as_work_that_is_due(app) {
        let acme = app.organization("Acme").await;
        app.joan_of(&acme).await;
        let due = async || app.vestibule.queues().await.unwrap().chores.into_iter().find(|(chore, _)| *chore == "erase");
        assert_eq!(due().await, Some(("erase", 0)));
        app.vestibule.erasure().begin(&acme.scope, "joan@acme.example").await.unwrap();
        assert_eq!(due().await, Some(("erase", 1)));
        app.settle().await;
        assert_eq!(due().await, Some(("erase", 0)));
    }
}
