//! Who answers: the invited person with an account, somebody else, a member already, and inviters who fell.

use super::{NEW, invited, nothing_changed, opens, says};
use crate::harness::{PASSWORD, TestApp};

/// Grace has an account by another organization, and the password of the cast.
async fn grace_is_known(app: &TestApp) {
    let other = app.organization("Other").await;
    app.joins(&other, "grace@example.com", "Grace Okafor", "member").await;
}

#[tokio::test]
async fn somebody_known_signs_in_and_joins_with_one_button() {
    let app = TestApp::new().await;
    grace_is_known(&app).await;
    let (acme, _, token) = invited(&app).await;
    let client = opens(&app, &token).await;
    says(&client.get("/accept").await, 200, "Sign in to join");
    let answer = client.post("/accept/sign-in", &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303);
    says(&client.get(answer.location()).await, 200, "Signed in as Grace Okafor");
    let answer = client.post("/accept", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/o/acme/welcome"));
    assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_link_alone_never_signs_in_to_an_account() {
    let app = TestApp::new().await;
    grace_is_known(&app).await;
    let (acme, id, token) = invited(&app).await;
    let mails = app.mail.messages().len();
    let client = opens(&app, &token).await;
    says(&client.post("/accept", &NEW).await, 409, "Sign in to join");
    says(&client.post("/accept", &[]).await, 409, "Sign in to join");
    let refused = client.post("/accept/sign-in", &[("password", "not the password")]).await;
    says(&refused, 422, "That email address and password don’t match");
    assert!(client.cookie("__Host-vst_sid").is_none());
    nothing_changed(&app, &acme, id, mails).await;
}

#[tokio::test]
async fn signed_in_as_somebody_else_nothing_is_accepted() {
    let app = TestApp::new().await;
    let (acme, id, token) = invited(&app).await;
    let other = app.organization("Other").await;
    let client = app.client_of(&other.session);
    super::follows(&client, &token).await;
    for answer in [client.get("/accept").await, client.post("/accept", &NEW).await] {
        says(&answer, 403, "This invitation is for another email address");
        says(&answer, 403, "It was sent to g•••@example.com");
        says(&answer, 403, "ada@other.example");
        assert!(!answer.text.contains("grace@"), "{}", answer.text);
    }
    nothing_changed(&app, &acme, id, 1).await;
    let answer = client.post("/sign-out", &[("next", "/accept")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/accept"));
    assert_eq!(answer.header("clear-site-data"), "");
    says(&client.get("/accept").await, 200, "Choose a password");
    assert!(app.vestibule.sessions().get(other.session.as_str()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_member_already_keeps_their_roles() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.invites_as(&acme, "alan@example.com", "admin").await;
    app.settle().await;
    let token = app.mailed_token("alan@example.com");
    // Alan becomes a member in between, by the owner's hand
    let other = app.organization("Other").await;
    let alan = app.joins(&other, "alan@example.com", "Alan Fenn", "member").await;
    let client = app.client_of(&alan.session);
    super::follows(&client, &token).await;
    assert_eq!(client.post("/accept", &[]).await.status, 303);
    says(&client.post("/accept", &[]).await, 410, "This invitation has been accepted");
    let members = app.vestibule.members().all(&acme.scope).await.unwrap();
    let roles: Vec<_> = members.iter().filter(|member| member.email.as_str() == "alan@example.com").collect();
    assert_eq!((roles.len(), roles[0].roles[0].key.as_str()), (1, "admin"));
}

#[tokio::test]
async fn an_inviter_who_lost_the_right_can_no_longer_give_it() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let joan = app.joins(&acme, "joan@example.com", "Joan Whitlock", "admin").await;
    let id = app.invites_as(&joan, "grace@example.com", "admin").await;
    app.settle().await;
    let client = opens(&app, &app.mailed_token("grace@example.com")).await;
    let member = app.role(&acme, "member").await;
    app.vestibule.members().change_roles(&acme.scope, joan.member_id(), &[member]).await.unwrap();
    says(&client.post("/accept", &NEW).await, 410, "This invitation was withdrawn");
    says(&client.get("/accept").await, 410, "This invitation was withdrawn");
    assert!(!app.invitation(&acme, id).await.is_pending(app.vestibule.now()));
    assert_eq!(app.vestibule.members().all(&acme.scope).await.unwrap().len(), 2);
}
