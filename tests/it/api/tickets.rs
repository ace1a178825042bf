//! Who accepts is sent to the organization's own site, with proof.

use super::Program;
use crate::harness::{Client, PASSWORD, TestApp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Acme sends invitees to its app.
async fn site(app: &TestApp) -> Program {
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let edit = program.patch("", &json!({ "redirect_origins": ["https://app.example"] })).await;
    assert_eq!(edit.status, StatusCode::OK, "{}", edit.text);
    program
}

async fn invited(app: &TestApp, program: &Program, email: &str) -> Client {
    let body = json!({
        "email": email, "redirect_url": "https://app.example/welcome?from=mail", "metadata": { "plan": "pro" }, "private_metadata": { "crm": 7 },
    });
    let made = program.post("/invitations", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    app.settle().await;
    let browser = app.client();
    assert_eq!(browser.get(&format!("/i/{}", app.mailed_token(email))).await.status, StatusCode::SEE_OTHER);
    browser
}

/// Where the browser is sent after accepting.
async fn sent_to(browser: &Client) -> Url {
    let page = browser.get("/accept/onward").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let refresh = page.headers["refresh"].to_str().unwrap();
    let url = refresh.strip_prefix("0; url=").unwrap();
    assert!(page.text.contains(&url.replace('&', "&amp;")), "a link for browsers that stay: {}", page.text);
    url.parse().unwrap()
}

fn parts(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

async fn verify(program: &Program, ticket: &str) -> crate::harness::Answer {
    program.post("/tickets/verification", &json!({ "ticket": ticket })).await
}

#[tokio::test]
async fn a_new_person_arrives_with_a_ticket_that_is_good_once() {
    let app = TestApp::new().await;
    let program = site(&app).await;
    let browser = invited(&app, &program, "grace@example.com").await;
    let accepted = browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER);
    assert!(accepted.location().starts_with("/accept/onward?offer="), "{}", accepted.location());
    let url = sent_to(&browser).await;
    let parts = parts(&url);
    assert_eq!((url.origin().ascii_serialization().as_str(), url.path()), ("https://app.example", "/welcome"));
    assert_eq!((parts["from"].as_str(), parts["status"].as_str()), ("mail", "signed_up"));
    let told = verify(&program, &parts["ticket"]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let told = told.json();
    assert_eq!(
        (&told["email"], &told["email_verified"], &told["status"]),
        (&json!("grace@example.com"), &json!(true), &json!("signed_up"))
    );
    assert_eq!(told["metadata"], json!({ "plan": "pro" }));
    assert!(!told.to_string().contains("crm"), "the private half stays");
    let again = verify(&program, &parts["ticket"]).await;
    assert_eq!((again.refusal().0, &again.json()["errors"][0]["code"]), (422, &json!("used")));
}

#[tokio::test]
async fn how_they_came_is_told() {
    let app = TestApp::new().await;
    let program = site(&app).await;
    let other = app.organization("Other").await;
    app.joins(&other, "grace@example.com", "Grace Okafor", "member").await;
    let browser = invited(&app, &program, "grace@example.com").await;
    browser.post("/accept/sign-in", &[("password", PASSWORD)]).await;
    assert!(browser.post("/accept", &[]).await.location().starts_with("/accept/onward?offer="));
    assert_eq!(parts(&sent_to(&browser).await)["status"], "signed_in");

    let alan = app.joins(&other, "alan@example.com", "Alan Ito", "member").await;
    let visitor = invited(&app, &program, "alan@example.com").await;
    visitor.set_cookie("__Host-vst_sid", alan.session.as_str());
    assert!(visitor.post("/accept", &[]).await.location().starts_with("/accept/onward?offer="));
    assert_eq!(parts(&sent_to(&visitor).await)["status"], "accepted");
}

#[tokio::test]
async fn a_ticket_is_for_its_organization_and_its_minute() {
    let app = TestApp::new().await;
    let program = site(&app).await;
    let stranger = app.organization("Other").await;
    let stranger = app.program(&stranger).await;
    let browser = invited(&app, &program, "grace@example.com").await;
    browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
    let ticket = parts(&sent_to(&browser).await)["ticket"].clone();
    let code = |answer: &crate::harness::Answer| answer.json()["errors"][0]["code"].as_str().unwrap().to_owned();
    assert_eq!(code(&verify(&stranger, &ticket).await), "unknown");
    assert_eq!(code(&verify(&program, &format!("{ticket}x")).await), "unknown");
    app.advance(Duration::seconds(60));
    assert_eq!(code(&verify(&program, &ticket).await), "expired");
    let fresh = parts(&sent_to(&browser).await)["ticket"].clone();
    assert_eq!(verify(&program, &fresh).await.status, StatusCode::OK, "each look has a ticket of its own");
}

#[tokio::test]
async fn nobody_is_sent_where_the_organization_no_longer_sends_people() {
    let app = TestApp::new().await;
    let program = site(&app).await;
    let browser = invited(&app, &program, "grace@example.com").await;
    program.patch("", &json!({ "redirect_origins": [] })).await;
    let accepted = browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
    assert_eq!(accepted.location(), "/o/acme/welcome");
    assert_eq!(browser.get("/accept/onward").await.location(), "/organizations");
}

#[tokio::test]
async fn only_who_accepted_gets_a_ticket() {
    let app = TestApp::new().await;
    let program = site(&app).await;
    let browser = invited(&app, &program, "grace@example.com").await;
    assert_eq!(browser.get("/accept/onward").await.location(), "/organizations", "nobody is signed in");
    browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
    let ada =
        app.vestibule.sessions().sign_in("ada@acme.example", PASSWORD, crate::harness::cast::CLIENT).await.unwrap();
    browser.set_cookie("__Host-vst_sid", ada.as_str());
    assert_eq!(browser.get("/accept/onward").await.location(), "/organizations");
}

#[tokio::test]
async fn a_site_can_verify_by_itself_with_the_published_keys() {
    let app = TestApp::new().await;
    let program = site(&app).await;
    let browser = invited(&app, &program, "grace@example.com").await;
    browser.post("/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await;
    let ticket = parts(&sent_to(&browser).await)["ticket"].clone();
    let keys = app.client().get("/.well-known/jwks.json").await.json();
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(ticket.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!((&keys["keys"][0]["kid"], &keys["keys"][0]["crv"]), (&header["kid"], &json!("Ed25519")));
    let public = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    let (signed, signature) = ticket.rsplit_once('.').unwrap();
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public);
    public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
}
