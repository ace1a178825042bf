//! The first start: one link, one owner, no default user.

use super::says;
use crate::harness::{PASSWORD, TestApp, inbox::after};

fn fields<'a>(token: &'a str, password: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("token", token), ("organization", "Saltmarsh Press"), ("slug", "")];
    fields.extend([("name", "Ada Byrne"), ("email", "ada@saltmarsh.example"), ("password", password)]);
    fields
}

fn token(app: &TestApp) -> String {
    after(&app.vestibule.organizations().set_up_url(), "token=")
}

#[tokio::test]
async fn the_printed_link_makes_the_first_owner_once() {
    let app = TestApp::new().await;
    let token = token(&app);
    says(&app.client().get("/").await, 200, "Vestibule is not set up yet");
    says(&app.client().get("/setup").await, 200, "Vestibule is not set up yet");
    let client = app.client();
    let page = client.get(&format!("/setup?token={token}")).await;
    says(&page, 200, "Set up Vestibule");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let answer = client.post("/setup", &fields(&token, PASSWORD)).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/o/saltmarsh-press/invitations"));
    assert_eq!(client.get("/").await.location(), "/o/saltmarsh-press/invitations");
    says(&client.get(&format!("/setup?token={token}")).await, 410, "Vestibule is set up");
    says(&client.post("/setup", &fields(&token, PASSWORD)).await, 410, "Vestibule is set up");
    assert_eq!(app.client().get("/").await.location(), "/sign-in");
}

#[tokio::test]
async fn a_wrong_link_sets_nothing_up() {
    let app = TestApp::new().await;
    for wrong in ["vss_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"] {
        for answer in [
            app.client().get(&format!("/setup?token={wrong}")).await,
            app.client().post("/setup", &fields(wrong, PASSWORD)).await,
        ] {
            says(&answer, 404, "This link leads nowhere");
            says(&answer, 404, "Copy the whole line that was printed where Vestibule was started.");
            assert!(!answer.text.to_lowercase().contains("mail"), "no mail was sent: {}", answer.text);
        }
    }
    says(&app.client().post("/setup", &fields("", PASSWORD)).await, 200, "Vestibule is not set up yet");
    assert!(app.vestibule.organizations().needs_set_up().await.unwrap());
}

#[tokio::test]
async fn every_error_stands_at_its_field() {
    let app = TestApp::new().await;
    let token = token(&app);
    let answer = app.client().post("/setup", &fields(&token, "Password1234")).await;
    says(&answer, 422, "among the first that anybody tries");
    says(&answer, 422, "value=\"Saltmarsh Press\"");
    let answer = app.client().post("/setup", &[("token", &token), ("slug", "Not a slug"), ("email", "ada")]).await;
    for id in ["organization-error", "slug-error", "name-error", "email-error"] {
        says(&answer, 422, &format!("id=\"{id}\""));
    }
    says(&answer, 422, "Some fields need another look");
    assert!(app.vestibule.organizations().needs_set_up().await.unwrap());
}

#[tokio::test]
async fn before_setup_the_sign_in_page_says_where_the_link_is() {
    let app = TestApp::new().await;
    let early = app.client().get("/sign-in?next=/o/acme/invitations").await;
    says(&early, 200, "Vestibule is not set up yet");
    says(&early, 200, "in the terminal, or in the log of the container or service");
    assert!(!early.text.contains("<form"), "{}", early.text);
    app.organization("Acme").await;
    says(&app.client().get("/sign-in").await, 200, "Sign in to Vestibule");
}

#[tokio::test]
async fn there_is_no_default_user() {
    let app = TestApp::new().await;
    for (email, password) in [("admin", "admin"), ("admin@localhost", "admin"), ("", "")] {
        let answer = app.client().post("/sign-in", &[("email", email), ("password", password)]).await;
        says(&answer, 422, "don’t match");
    }
}
