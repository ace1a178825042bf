//! The invitee's pages over HTTP: links, answers, and everything that stands in their way.

mod answers;
mod changed;
mod code;
mod forgotten;
mod links;
mod people;
mod sameness;
mod tabs;
mod without_mail;

use crate::harness::{Acme, Answer, Client, PASSWORD, TestApp};
use vestibule_domain::{InvitationId, Status};

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
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with("/accept?offer="), "{}", answer.location());
}

/// Opens the link and reads the page that it leads to.
async fn reads(client: &Client, token: &str) -> Answer {
    let opened = client.get(&format!("/i/{token}")).await;
    client.get(opened.location()).await
}

/// The form of a page that is sent to this path.
fn form_of<'a>(page: &'a Answer, path: &str) -> &'a str {
    let forms = page.text.split("<form").skip(1);
    let mut forms = forms.map(|rest| rest.split("</form>").next().unwrap_or_default());
    let found = forms.find(|form| form.contains(&format!("action=\"{path}\"")));
    found.unwrap_or_else(|| panic!("no form for {path} in:\n{}", page.text))
}

/// The hidden fields of the form that is sent to this path.
fn hidden(page: &Answer, path: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let tags = form_of(page, path).split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let tags = tags.filter(|tag| tag.contains("type=\"hidden\""));
    tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))).collect()
}

/// Sends the form of a page, with what a person types.
async fn sends(client: &Client, page: &Answer, path: &str, typed: &[(&str, &str)]) -> Answer {
    let hidden = hidden(page, path);
    let fields = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(typed.iter().copied());
    client.post(path, &fields.collect::<Vec<_>>()).await
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
    assert_eq!(app.vestibule.members().all(&at.scope).await.unwrap().len(), 1);
    app.settle().await;
    assert_eq!(app.mail.messages().len(), mails);
}
