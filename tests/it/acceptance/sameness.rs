//! An inviter who opens the link of somebody's address learns nothing of other organizations: the pages are the same,
//! to the byte, whether the address has an account or not.

use super::{NEW, reads, says, sends};
use crate::harness::{Acme, Answer, Client, PASSWORD, TestApp};
use reqwest::header::HeaderMap;
use vestibule_domain::{
    InvitationId, MailFilter,
    token::{Channel, LinkClaims},
};

/// Has an account by another organization.
const KNOWN: &str = "grace.known@example.com";
/// Has none; is masked in the same way.
const NOBODY: &str = "grace.other@example.com";

/// What can be compared of an answer, without the names that differ.
type Seen = (u16, HeaderMap, String);

fn seen(mut answer: Answer, acceptance_session: &str, email: &str) -> Seen {
    for name in ["x-request-id", "date", "content-length"] {
        answer.headers.remove(name);
    }
    let headers = answer.headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap().replace(acceptance_session, "ACCEPTANCE_SESSION");
        let value = if name == "set-cookie" { value.split('=').next().unwrap().to_owned() } else { value };
        (name.clone(), value.parse().unwrap())
    });
    let headers = headers.collect();
    let text = answer
        .text
        .replace(acceptance_session, "ACCEPTANCE_SESSION")
        .replace(email.split('@').next().unwrap(), "LOCAL");
    let terms = text.split("name=\"terms\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    let text = terms.map_or(text.clone(), |terms| text.replace(&terms, "TERMS"));
    (answer.status.as_u16(), headers, text)
}

async fn invited(app: &TestApp, acme: &Acme, email: &str) -> (InvitationId, Client, String, Answer) {
    let id = app.invites(acme, email).await;
    let token = app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel: Channel::Shared });
    let client = app.client();
    let page = reads(&client, token.as_str()).await;
    let acceptance_session = page.text.split("offer=").nth(1).unwrap()[..12].to_owned();
    (id, client, acceptance_session, page)
}

/// All answers that somebody gets who has only this link.
async fn answers(app: &TestApp, acme: &Acme, email: &str) -> Vec<(&'static str, Seen)> {
    let (id, client, acceptance_session, page) = invited(app, acme, email).await;
    let mut answers = vec![("the page", page)];
    answers.push(("the page again", client.get("/accept").await));
    let wrong = [("offer", acceptance_session.as_str()), ("password", "not the password at all")];
    answers.push(("a wrong password", client.post("/accept/sign-in", &wrong).await));
    answers.push(("no password", client.post("/accept/sign-in", &wrong[..1]).await));
    answers.push(("the way to decline", client.get(&format!("/accept/decline?offer={acceptance_session}")).await));
    if app.vestibule.has_mail_server() {
        let new = [&NEW[..], &wrong[..1]].concat();
        answers.push(("a new account", client.post("/accept", &new).await));
        answers.push(("declining", client.post("/accept/decline", &wrong[..1]).await));
        answers.push(("a code", client.post("/accept/code", &wrong[..1]).await));
        answers.push(("the page for it", client.get("/accept").await));
        answers.push(("a wrong code", client.post("/accept/code/proof", &[wrong[0], ("code", "1")]).await));
        answers.push(("the page after it", client.get("/accept").await));
    } else {
        let weak = [wrong[0], ("name", "Grace"), ("password", "short")];
        answers.push(("a weak password", client.post("/accept", &weak).await));
    }
    assert!(app.invitation(acme, id).await.is_pending(app.vestibule.now()));
    let mut seen: Vec<_> =
        answers.into_iter().map(|(what, answer)| (what, seen(answer, &acceptance_session, email))).collect();
    // and in the portal
    let mails = app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 50).await.unwrap().page.items;
    let mails: Vec<_> = mails.iter().filter(|mail| mail.letter.invitation_id() == Some(id)).collect();
    let mails: Vec<_> = mails.iter().map(|mail| (mail.letter.kind(), mail.state)).collect();
    let events = app.actions(acme, id).await;
    seen.push(("mails and events", (0, HeaderMap::new(), format!("{mails:?} {events:?}"))));
    seen
}

async fn all_are_the_same(app: &TestApp, acme: &Acme) {
    let known = answers(app, acme, KNOWN).await;
    for ((what, known), (_, nobody)) in known.into_iter().zip(answers(app, acme, NOBODY).await) {
        assert_eq!(known, nobody, "{what} tells");
    }
}

both! {
    async fn a_link_that_was_handed_over_does_not_tell_who_has_an_account(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.joins(&other, KNOWN, "Grace Okafor", "member").await;
        all_are_the_same(&app, &acme).await;
    }

    async fn nor_does_it_without_a_mail_server(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.joins(&other, KNOWN, "Grace Okafor", "member").await;
        all_are_the_same(&app.restarted(false).await, &acme).await;
    }

    async fn the_owner_of_the_mailbox_is_told_once_it_is_proved(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.joins(&other, KNOWN, "Grace Okafor", "member").await;
        for (email, words) in [(KNOWN, "Your password for "), (NOBODY, "Choose a password")] {
            let (_, client, _, page) = invited(&app, &acme, email).await;
            sends(&client, &page, "/accept/code", &[]).await;
            app.settle().await;
            let page = client.get("/accept").await;
            let code = app.mailed_code(email);
            sends(&client, &page, "/accept/code/proof", &[("code", &code)]).await;
            says(&client.get("/accept").await, 200, words);
        }
    }

    async fn who_has_an_account_needs_no_code(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.joins(&other, KNOWN, "Grace Okafor", "member").await;
        let (_, client, _, page) = invited(&app, &acme, KNOWN).await;
        let back = sends(&client, &page, "/accept/sign-in", &[("password", PASSWORD)]).await;
        let page = client.get(back.location()).await;
        says(&page, 200, "Signed in as Grace Okafor");
        assert_eq!(sends(&client, &page, "/accept", &[]).await.location(), "/o/acme/welcome");
    }

    async fn who_is_signed_in_with_a_proved_address_may_decline(app) {
        let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
        app.joins(&other, KNOWN, "Grace Okafor", "member").await;
        let (id, client, acceptance_session, page) = invited(&app, &acme, KNOWN).await;
        sends(&client, &page, "/accept/sign-in", &[("password", PASSWORD)]).await;
        let page = client.get(&format!("/accept/decline?offer={acceptance_session}")).await;
        says(&sends(&client, &page, "/accept/decline", &[]).await, 200, "You have declined");
        assert!(app.actions(&acme, id).await.contains(&"invitation.declined"));
    }
}
