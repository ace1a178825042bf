//! The invitee's pages over HTTP: links, answers, and everything that stands in their way.

mod answers;
mod code;
mod links;
mod people;

use crate::harness::{Acme, Answer, Client, PASSWORD, TestApp};
use vestibule::domain::{InvitationId, Status};

/// What a new invitee types.
const NEW: [(&str, &str); 2] = [("name", "Grace Okafor"), ("password", PASSWORD)];

/// Ada has invited Grace to Acme, and the mail is there.
async fn invited(app: &TestApp) -> (Acme, InvitationId, String) {
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    (acme, id, app.mailed_token("grace@example.com"))
}

/// A browser that has opened the link.
async fn opens(app: &TestApp, token: &str) -> Client {
    let client = app.client();
    follows(&client, token).await;
    client
}

async fn follows(client: &Client, token: &str) {
    let answer = client.get(&format!("/i/{token}")).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/accept"));
}

/// The page says this, in words, with this status.
fn says(answer: &Answer, status: u16, words: &str) {
    let text = plain(&answer.text);
    assert_eq!(answer.status.as_u16(), status, "{text}");
    assert!(text.contains(words), "no “{words}” in:\n{text}");
}

/// The page's text without its markup.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// Nothing came of it: the invitation waits, nobody joined, and nothing was mailed but what was before.
async fn nothing_changed(app: &TestApp, at: &Acme, id: InvitationId, mails: usize) {
    assert_eq!(app.invitation(at, id).await.status(app.vestibule.now()), Status::Pending);
    assert_eq!(app.vestibule.members(&at.scope).await.unwrap().len(), 1);
    app.settle().await;
    assert_eq!(app.mail.messages().len(), mails);
}
