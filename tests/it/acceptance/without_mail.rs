//! Without a mail server: who sees a link, and what it proves.

use super::{NEW, nothing_changed, reads, says, sends};
use crate::harness::{Acme, PASSWORD, TestApp, cast::CLIENT, inbox::after};
use serde_json::json;
use vestibule_core::service::{AcceptanceSessionToken, AccountConflict, Conflict, Error, InvitationConflict, SetUp};
use vestibule_domain::{
    AcceptanceStep, InvitationEdit, InvitationId, Letter, MailFilter, MailId, Permission, Status, User,
    token::{Channel, LinkClaims},
};

/// Acme, with Joan, who may invite and read but give nothing else; no mail server from now on.
async fn acme_and_joan(app: &TestApp) -> (TestApp, Acme, Acme) {
    let acme = app.organization("Acme").await;
    let permissions =
        [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite, Permission::AuditRead];
    app.vestibule.roles().create(&acme.scope, "scout", "Scout", &permissions).await.unwrap();
    let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "scout").await;
    (app.restarted(false).await, acme, joan)
}

/// The mails of the organization that are about this invitation, with their letters.
async fn mails(app: &TestApp, at: &Acme, id: InvitationId) -> Vec<(MailId, Letter)> {
    let list = app.vestibule.outbox().page(&at.scope, &MailFilter::default(), None, 50).await.unwrap();
    let about = list.page.items.into_iter().filter(|mail| mail.letter.invitation_id() == Some(id));
    about.map(|mail| (mail.id, mail.letter)).collect()
}

/// All that a person of the organization can read about an invitation, on every surface.
async fn all_that_is_read(app: &TestApp, at: &Acme, id: InvitationId) -> Vec<(String, String)> {
    let scope = &at.scope;
    let mut read = Vec::new();
    for (mail, _) in mails(app, at, id).await {
        let detail = app.vestibule.outbox().get(scope, mail).await.unwrap();
        read.push(("the mail itself".to_owned(), format!("{detail:?}")));
        let browser = app.client_of(&at.session);
        let pages =
            ["", "?form=text", "?form=raw", "/letter"].map(|form| format!("/o/{}/outbox/{mail}{form}", at.slug));
        for page in pages {
            read.push((page.clone(), browser.get(&page).await.text));
        }
    }
    let browser = app.client_of(&at.session);
    for page in [format!("invitations/{id}"), "outbox".into(), "audit".into(), "invitations".into()] {
        let path = format!("/o/{}/{page}", at.slug);
        read.push((path.clone(), browser.get(&path).await.text));
    }
    read
}

/// All that a program reads about it: the native API, and Clerk's facade.
async fn all_that_programs_read(
    app: &TestApp,
    at: &Acme,
    id: InvitationId,
    permissions: &[Permission],
) -> Vec<(String, String)> {
    let (program, clerk) = (app.program_with(at, permissions).await, app.clerk_with(at, permissions).await);
    let mut read = Vec::new();
    for (mail, _) in mails(app, at, id).await {
        let path = format!("/mails/{mail}");
        read.push((path.clone(), program.get(&path).await.text));
    }
    let paths = ["", "/events"].map(|part| format!("/invitations/{id}{part}")).into_iter().chain(
        ["/invitations", "/mails", "/events", "/events/export?format=csv", "/events/export?format=ndjson"]
            .map(str::to_owned),
    );
    for path in paths {
        let answer = program.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        read.push((path, answer.text));
    }
    read.push(("the link".into(), program.post(&format!("/invitations/{id}/link"), &json!({})).await.text));
    for path in [clerk.here(""), clerk.here(&format!("/orginv_{}", id.uuid().simple())), "/invitations".into()] {
        let answer = clerk.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        read.push((path, answer.text));
    }
    read
}

fn token(app: &TestApp, id: InvitationId, channel: Channel) -> String {
    app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel }).as_str().to_owned()
}

async fn shared(app: &TestApp, id: InvitationId) -> AcceptanceSessionToken {
    app.vestibule.acceptance().open(&token(app, id, Channel::Shared)).await.unwrap()
}

async fn user_of(app: &TestApp, email: &str) -> User {
    let session = app.vestibule.sessions().sign_in(email, PASSWORD, crate::harness::cast::CLIENT).await.unwrap();
    app.vestibule.sessions().get(session.as_str()).await.unwrap().unwrap()
}

/// Grace has an account by the link that Acme's owner gave her, where no mail server was set up.
async fn grace_joined(bare: &TestApp, acme: &Acme) -> User {
    let id = bare.invites(acme, "grace@example.com").await;
    let acceptance_session = shared(bare, id).await;
    bare.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
    user_of(bare, "grace@example.com").await
}

both! {
    async fn who_could_not_make_an_invitation_sees_no_link_of_it(app) {
        let (bare, acme, joan) = acme_and_joan(&app).await;
        let id = bare.invites_as(&acme, "grace@example.com", "owner").await;
        let mut read = all_that_is_read(&bare, &joan, id).await;
        let permissions = joan.scope.permissions();
        read.extend(all_that_programs_read(&bare, &acme, id, &permissions).await);
        for (what, text) in &read {
            for channel in [Channel::Mail, Channel::Shared] {
                let token = token(&app, id, channel);
                assert!(!text.contains(&token[..40]) && !text.contains(&token[token.len() - 20..]), "{what}: {text}");
            }
        }
        let text = |name: &str| read.iter().find(|(what, _)| what.ends_with(name)).unwrap().1.clone();
        assert!(text(&format!("invitations/{id}")).contains("You can’t see the link, because you can’t grant every role"));
        assert!(text("the link").contains("\"status\":403"), "{}", text("the link"));
        assert!(read.iter().any(|(_, text)| text.contains("\"url\":null")), "Clerk's list says that there is none");
        let (mail, _) = mails(&bare, &joan, id).await[0];
        assert!(bare.vestibule.outbox().get(&joan.scope, mail).await.unwrap().text.contains("/i/vst_•••"));
        says(&bare.client_of(&joan.session).get(&format!("/o/acme/outbox/{mail}")).await, 200, "The link is hidden");
    }

    async fn who_could_have_made_it_sees_a_link_that_proves_nothing(app) {
        let (bare, acme, joan) = acme_and_joan(&app).await;
        for (at, role) in [(&acme, "owner"), (&joan, "scout")] {
            let id = bare.invites_as(&acme, &format!("grace+{role}@example.com"), role).await;
            let (mail, _) = mails(&bare, at, id).await[0];
            let detail = bare.vestibule.outbox().get(&at.scope, mail).await.unwrap();
            assert!(detail.shows_link);
            let shown = after(&detail.text, "/i/");
            assert_eq!(bare.signing_keys.verify(&shown).unwrap().channel, Channel::Shared);
            let mailed = token(&app, id, Channel::Mail);
            let mut read = all_that_is_read(&bare, at, id).await;
            read.extend(all_that_programs_read(&bare, &acme, id, Permission::ALL).await);
            for (what, text) in &read {
                assert!(!text.contains(&mailed[mailed.len() - 20..]), "{what}");
            }
            let shows = read.iter().filter(|(_, text)| text.contains(&shown[shown.len() - 20..])).count();
            assert!(shows >= 7, "the letter's forms, the invitation's page, and the API show it: {shows}");
        }
    }

    async fn a_link_that_was_seen_is_void_once_the_invitation_offers_more(app) {
        let (bare, acme, joan) = acme_and_joan(&app).await;
        let id = bare.invites_as(&acme, "grace@example.com", "scout").await;
        let (mail, _) = mails(&bare, &joan, id).await[0];
        let seen = after(&bare.vestibule.outbox().get(&joan.scope, mail).await.unwrap().text, "/i/");
        let acceptance_session = bare.vestibule.acceptance().open(&seen).await.unwrap();
        let role_ids = Some(vec![bare.role(&acme, "owner").await]);
        let edit = InvitationEdit { role_ids, ..InvitationEdit::default() };
        bare.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        for acceptance_session in [acceptance_session, bare.vestibule.acceptance().open(&seen).await.unwrap()] {
            let refused = bare.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Mallory", PASSWORD).await;
            assert!(matches!(refused, Err(Error::Conflict(Conflict::Invitation(InvitationConflict::Replaced)))), "{refused:?}");
        }
        for (mail, _) in mails(&bare, &joan, id).await {
            assert!(!bare.vestibule.outbox().get(&joan.scope, mail).await.unwrap().shows_link);
        }
        assert_eq!(mails(&bare, &acme, id).await.len(), 2, "the new link waits for a mail server as well");
        // less is offered by the same link
        let edit = InvitationEdit { role_ids: Some(vec![bare.role(&acme, "member").await]), ..InvitationEdit::default() };
        let edited = bare.vestibule.invitations().edit(&acme.scope, id, &edit).await.unwrap();
        assert_eq!(edited.generation, 2);
    }

    async fn codes_are_shown_to_nobody(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites(&acme, "grace@example.com").await;
        let acceptance_session = shared(&app, id).await;
        app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.unwrap();
        let bare = app.restarted(false).await;
        let all = mails(&bare, &acme, id).await;
        let (mail, _) = all.iter().find(|(_, letter)| matches!(letter, Letter::Code { .. })).unwrap();
        let detail = bare.vestibule.outbox().get(&acme.scope, *mail).await.unwrap();
        app.settle().await;
        let code = app.mailed_code("grace@example.com");
        for text in [&detail.subject, &detail.text, &detail.html, &detail.raw] {
            assert!(!text.contains(&code), "{text}");
        }
        assert!(!detail.shows_link && detail.text.contains("•••"));
        for (what, text) in all_that_programs_read(&bare, &acme, id, Permission::ALL).await {
            assert!(!text.contains(&format!(" {code}\\n")), "{what}: {text}");
        }
    }

    async fn an_account_made_by_a_link_that_was_shown_is_unverified_for_good(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        let other = app.beside(&acme, "Other").await;
        let grace = grace_joined(&bare, &acme).await;
        assert!(!grace.is_email_verified);
        assert_eq!(bare.vestibule.organizations().of_user(&grace).await.unwrap().len(), 1);
        // now a mail server is set up, and another organization invites the address
        let id = app.invites(&other, "grace@example.com").await;
        let grace = user_of(&app, "grace@example.com").await;
        assert!(!grace.is_email_verified);
        let acceptance_session = shared(&app, id).await;
        for user in [None, Some(&grace)] {
            let step = app.vestibule.acceptance().offer(acceptance_session.as_str(), user).await.unwrap().step;
            assert_eq!(step, AcceptanceStep::Code { asked: false, tries: 5 });
        }
        let refused = app.vestibule.acceptance().accept(acceptance_session.as_str(), &grace).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Account(AccountConflict::MailboxUnproven)))), "{refused:?}");
        let refused = app.vestibule.acceptance().decline(acceptance_session.as_str(), "").await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Account(AccountConflict::MailboxUnproven)))), "{refused:?}");
        assert!(app.invitation(&other, id).await.is_pending(app.vestibule.now()));
        assert_eq!(app.vestibule.members().all(&other.scope).await.unwrap().len(), 1);
        // the code proves it
        app.vestibule.acceptance().send_code(acceptance_session.as_str()).await.unwrap();
        app.settle().await;
        app.vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), &app.mailed_code("grace@example.com"), CLIENT).await.unwrap();
        app.vestibule.acceptance().accept(acceptance_session.as_str(), &grace).await.unwrap();
        assert!(user_of(&app, "grace@example.com").await.is_email_verified);
    }

    async fn a_mail_that_waited_for_a_server_proves_the_mailbox(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        let id = bare.invites(&acme, "grace@example.com").await;
        bare.settle().await;
        assert!(app.inbox("grace@example.com").is_empty(), "nothing pretends to be sent");
        let (mail, _) = mails(&bare, &acme, id).await[0];
        let shown = after(&bare.vestibule.outbox().get(&acme.scope, mail).await.unwrap().text, "/i/");
        app.settle().await;
        let mailed = app.mailed_token("grace@example.com");
        assert_eq!(app.signing_keys.verify(&mailed).unwrap().channel, Channel::Mail);
        // what was shown before is no better now
        let acceptance_session = app.vestibule.acceptance().open(&shown).await.unwrap();
        let refused = app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Mallory", PASSWORD).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Account(AccountConflict::MailboxUnproven)))), "{refused:?}");
        let acceptance_session = app.vestibule.acceptance().open(&mailed).await.unwrap();
        app.vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD).await.unwrap();
        assert!(user_of(&app, "grace@example.com").await.is_email_verified);
    }

    async fn the_first_users_come_in_by_links(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        let id = bare.invites(&acme, "grace@example.com").await;
        let client = bare.client();
        let page = reads(&client, &token(&bare, id, Channel::Shared)).await;
        says(&page, 200, "Ada Byrne invites you to join Acme");
        says(&page, 200, "I have an account with this email address");
        let answer = sends(&client, &page, "/accept", &NEW).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/o/acme/welcome"));
        assert_eq!(bare.invitation(&acme, id).await.status(bare.vestibule.now()), Status::Accepted);
        // with that account, by its password, to a second organization
        let other = bare.beside(&acme, "Other").await;
        let id = bare.invites(&other, "grace@example.com").await;
        let client = bare.client();
        let page = reads(&client, &token(&bare, id, Channel::Shared)).await;
        let refused = sends(&client, &page, "/accept", &NEW).await;
        says(&refused, 422, "No account was created");
        assert!(bare.invitation(&other, id).await.is_pending(bare.vestibule.now()));
        let back = sends(&client, &page, "/accept/sign-in", &[("password", PASSWORD)]).await;
        let page = client.get(back.location()).await;
        says(&page, 200, "Signed in as Grace Okafor");
        assert_eq!(sends(&client, &page, "/accept", &[]).await.location(), "/o/other/welcome");
        assert!(!user_of(&bare, "grace@example.com").await.is_email_verified);
    }

    async fn declining_needs_no_code_there_either(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        let id = bare.invites(&acme, "grace@example.com").await;
        let client = bare.client();
        reads(&client, &token(&bare, id, Channel::Shared)).await;
        let page = client.get("/accept/decline").await;
        says(&sends(&client, &page, "/accept/decline", &[("reason", "No time.")]).await, 200, "You have declined");
        assert_eq!(bare.invitation(&acme, id).await.status(bare.vestibule.now()), Status::Declined);
    }

    async fn no_code_waits_for_a_server(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        let id = bare.invites(&acme, "grace@example.com").await;
        let client = bare.client();
        reads(&client, &token(&bare, id, Channel::Shared)).await;
        says(&client.post("/accept/code", &[]).await, 409, "invites you to join Acme");
        says(&client.post("/accept/code/proof", &[("code", "123456")]).await, 409, "invites you to join Acme");
        assert_eq!(mails(&bare, &acme, id).await.len(), 1, "only the invitation's own");
        says(&client.post("/accept/ask-again", &[]).await, 200, "This installation can’t send email.");
        assert!(bare.invitation(&acme, id).await.is_pending(bare.vestibule.now()));
    }

    async fn nobody_becomes_an_owner_by_an_address_that_was_never_proved(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        grace_joined(&bare, &acme).await;
        let new = SetUp {
            organization: "Brine".into(),
            slug: "brine".into(),
            name: "Grace".into(),
            email: "Grace@example.com".into(),
            password: PASSWORD.into(),
        };
        let Err(Error::Invalid(violations)) = bare.vestibule.organizations().create(new).await else { panic!() };
        assert_eq!((violations[0].field.as_ref(), violations[0].code.as_ref()), ("email", "unproven"));
        assert!(bare.vestibule.organizations().slugs().await.unwrap().iter().all(|slug| slug.as_str() != "brine"));
    }

    async fn a_forgotten_password_is_the_operators_to_renew(app) {
        let (bare, acme, _) = acme_and_joan(&app).await;
        let grace = grace_joined(&bare, &acme).await;
        says(&bare.client().get("/forgot-password").await, 200, "Ask the people who run it for a link");
        says(&bare.client().post("/forgot-password", &[("email", "grace@example.com")]).await, 200, "Ask the people");
        assert_eq!(bare.vestibule.sessions().password_link_for("nobody@example.com").await.unwrap(), None);
        assert!(bare.vestibule.sessions().password_link_for("nobody").await.is_err());
        let (url, until) = bare.vestibule.sessions().password_link_for("GRACE@example.com").await.unwrap().unwrap();
        assert_eq!(until - bare.vestibule.now(), chrono::Duration::hours(1));
        let client = bare.client();
        let link = url.strip_prefix(&bare.url).unwrap();
        assert_eq!(client.get(link).await.location(), "/choose-password");
        assert_eq!(client.post("/choose-password", &[("password", "another lantern oyster")]).await.status, 303);
        says(&bare.client().get(link).await, 410, "This link is used up");
        let session = bare.vestibule.sessions().sign_in("grace@example.com", "another lantern oyster", crate::harness::cast::CLIENT);
        let now = bare.vestibule.sessions().get(session.await.unwrap().as_str()).await.unwrap().unwrap();
        assert_eq!((now.id, now.is_email_verified), (grace.id, false));
        app.settle().await;
        let mails = app.inbox("grace@example.com");
        assert!(mails.iter().all(|mail| !mail.text.contains("/choose-password?token=")), "no link waits in the queue");
    }

    async fn with_a_server_nothing_is_shown_to_anybody(app) {
        let acme = app.organization("Acme").await;
        let id = app.invites_as(&acme, "grace@example.com", "owner").await;
        let (mail, _) = mails(&app, &acme, id).await[0];
        let detail = app.vestibule.outbox().get(&acme.scope, mail).await.unwrap();
        assert!(!detail.shows_link && detail.text.contains("/i/vst_•••"), "{}", detail.text);
        nothing_changed(&app, &acme, id, 1).await;
    }
}
