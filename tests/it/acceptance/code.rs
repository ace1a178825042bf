//! Links that were handed over: the mailbox is proved by a code before anything else.

use super::{NEW, nothing_changed, opens, says};
use crate::harness::{Acme, TestApp};
use vestibule_domain::{
    InvitationId,
    token::{Channel, LinkClaims},
};

/// Ada has invited Grace, and hands her the link herself.
async fn handed_over(app: &TestApp) -> (Acme, InvitationId, String) {
    let acme = app.organization("Acme").await;
    let mut invite = app.invite(&acme, "grace@example.com", "member").await;
    invite.notify = false;
    app.vestibule.invitations().invite(&acme.scope, &invite).await.unwrap();
    let list = app.vestibule.invitations().page(&acme.scope, &Default::default(), None, 10).await.unwrap();
    let id = list.page.items[0].invitation.id;
    let token = app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel: Channel::Shared });
    (acme, id, token.as_str().to_owned())
}

#[tokio::test]
async fn a_link_that_was_handed_over_needs_a_code_from_the_mailbox() {
    let app = TestApp::new().await;
    let (acme, _, token) = handed_over(&app).await;
    let client = opens(&app, &token).await;
    let page = client.get("/accept").await;
    says(&page, 200, "One more step");
    assert!(!page.text.contains("grace@"), "{}", page.text);
    assert!(client.post("/accept/code", &[]).await.location().starts_with("/accept?offer="));
    says(&client.get("/accept").await, 200, "so we’ve emailed a code to g•••@example.com. Enter its six digits here.");
    app.settle().await;
    let code = app.mailed_code("grace@example.com");
    assert!(client.post("/accept/code/proof", &[("code", &code)]).await.location().starts_with("/accept?offer="));
    assert_eq!(client.post("/accept", &NEW).await.location(), "/o/acme/welcome");
    assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 2);
}

#[tokio::test]
async fn before_the_code_nothing_can_be_answered() {
    let app = TestApp::new().await;
    let (acme, id, token) = handed_over(&app).await;
    let client = opens(&app, &token).await;
    says(&client.post("/accept", &NEW).await, 409, "One more step");
    says(&client.post("/accept/decline", &[]).await, 409, "One more step");
    says(&client.post("/accept/code/proof", &[("code", "000000")]).await, 422, "Ask for a new one.");
    nothing_changed(&app, &acme, id, 0).await;
}

#[tokio::test]
async fn wrong_codes_are_counted_down_and_used_up() {
    let app = TestApp::new().await;
    let (acme, id, token) = handed_over(&app).await;
    let client = opens(&app, &token).await;
    client.post("/accept/code", &[]).await;
    app.settle().await;
    let code = app.mailed_code("grace@example.com");
    let wrong = if code == "123456" { "654321" } else { "123456" };
    for words in ["4 tries are left", "3 tries are left", "2 tries are left", "1 try is left", "used up"] {
        says(&client.post("/accept/code/proof", &[("code", wrong)]).await, 422, words);
    }
    says(&client.post("/accept/code/proof", &[("code", &code)]).await, 422, "used up");
    nothing_changed(&app, &acme, id, 1).await;
}
