//! A retry is harmless.

use super::Program;
use crate::harness::TestApp;
use chrono::Duration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn invite(program: &Program, key: &str, email: &str) -> reqwest::RequestBuilder {
    program.request(Method::POST, "/invitations").header("idempotency-key", key).json(&json!({ "email": email }))
}

both! {
    async fn fifty_at_once_with_one_key_make_one_invitation_and_one_mail(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let answers = futures::future::join_all((0..50).map(|_| program.send(invite(&program, "k1", "grace@example.com")))).await;
        let first = &answers[0];
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (StatusCode::CREATED, &first.text));
        }
        assert_eq!(app.count_invitations(&acme).await, 1);
        app.settle().await;
        assert_eq!(app.mail.messages().len(), 1);
    }
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    assert_eq!(program.send(invite(&program, "k1", "grace@example.com")).await.status, StatusCode::CREATED);
    let refused = program.send(invite(&program, "k1", "alan@example.com")).await;
    assert_eq!(refused.refusal(), (422, "idempotency_key_reuse".into()));
    let elsewhere = program.request(Method::POST, "/roles").header("idempotency-key", "k1");
    let elsewhere =
        program.send(elsewhere.json(&json!({ "key": "reader", "name": "Reader", "permissions": [] }))).await;
    assert_eq!(elsewhere.refusal(), (422, "idempotency_key_reuse".into()));
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    assert_eq!(program.send(invite(&program, "k1", "nobody")).await.refusal().0, 422);
    assert_eq!(program.send(invite(&program, "k1", "grace@example.com")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn keys_of_two_programs_are_apart_and_a_day_is_enough() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let (one, other) = (app.program(&acme).await, app.program(&acme).await);
    assert_eq!(one.send(invite(&one, "k1", "grace@example.com")).await.status, StatusCode::CREATED);
    assert_eq!(other.send(invite(&other, "k1", "alan@example.com")).await.status, StatusCode::CREATED);
    app.advance(Duration::hours(24));
    let again = one.send(invite(&one, "k1", "mei@example.com")).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
}

#[tokio::test]
async fn every_write_may_be_repeated() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let twice = async |method: Method, path: String, body: Value| {
        let key = format!("{method}:{path}");
        let request = || program.request(method.clone(), &path).header("idempotency-key", &key).json(&body);
        let (first, second) = (program.send(request()).await, program.send(request()).await);
        assert!(first.status.is_success(), "{key}: {}", first.text);
        assert_eq!((first.status, &first.text), (second.status, &second.text), "{key}");
        first
    };
    let role = json!({ "key": "reader", "name": "Reader", "permissions": ["org.read"] });
    let role = twice(Method::POST, "/roles".into(), role).await.json();
    let role = format!("/roles/{}", role["id"].as_str().unwrap());
    twice(Method::PATCH, role.clone(), json!({ "name": "Readers" })).await;
    twice(Method::DELETE, role, json!(null)).await;
    let resource = twice(Method::POST, "/resources".into(), json!({ "name": "Garden" })).await.json();
    twice(Method::DELETE, format!("/resources/{}", resource["id"].as_str().unwrap()), json!(null)).await;
    let rows = json!({ "invitations": [{ "email": "a@example.com" }, { "email": "nobody" }] });
    twice(Method::POST, "/invitations/bulk".into(), rows).await;
    let made = twice(Method::POST, "/invitations".into(), json!({ "email": "grace@example.com" })).await.json();
    let path = format!("/invitations/{}", made["id"].as_str().unwrap());
    twice(Method::POST, format!("{path}/resend"), json!(null)).await;
    twice(Method::POST, format!("{path}/revocation"), json!(null)).await;
    app.settle().await;
    assert_eq!(app.mail.messages().iter().filter(|mail| mail.to.contains("a@example.com")).count(), 1);
}

#[tokio::test]
async fn a_repeated_request_for_a_key_does_not_show_its_token_again() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let body = json!({ "name": "deploy", "permissions": ["org.read"] });
    let request = || program.request(Method::POST, "/keys").header("idempotency-key", "k").json(&body);
    let (first, second) = (program.send(request()).await.json(), program.send(request()).await.json());
    assert_eq!(first["id"], second["id"]);
    assert!(first["token"].as_str().unwrap().starts_with("vsk_") && second.get("token").is_none());
}
