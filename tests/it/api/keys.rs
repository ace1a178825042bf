//! Who is let in, and as what.

use crate::harness::{Setup, TestApp};
use chrono::Duration;
use reqwest::{Method, StatusCode, header};
use serde_json::json;
use vestibule_core::service::Error;
use vestibule_domain::{Permission, Status};

#[tokio::test]
async fn only_a_key_in_its_header_lets_in() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let (client, token) = (app.client(), program.token.clone());
    let ask = |path: String, value: Option<String>| {
        let request = client.request(Method::GET, &path);
        match value {
            Some(value) => request.header(header::AUTHORIZATION, value),
            None => request,
        }
    };
    let here = "/api/v1/organizations/acme".to_owned();
    let (head, last) = token.split_at(token.len() - 1);
    let wrong = format!("{head}{}", if last == "A" { "B" } else { "A" });
    for (path, value) in [
        (here.clone(), None),
        (format!("{here}?key={token}&access_token={token}"), None),
        (here.clone(), Some(format!("Bearer {wrong}"))),
        (here.clone(), Some("Bearer ".to_owned())),
        (here.clone(), Some(format!("Basic {token}"))),
        (here.clone(), Some(token.clone())),
        (here.clone(), Some("Bearer vsk_".to_owned())),
        (here.clone(), Some(format!("Bearer vsk_{}", "é".repeat(65)))),
        (here.clone(), Some(format!("Bearer {}", "x".repeat(6000)))),
    ] {
        let answer = client.send(ask(path.clone(), value.clone())).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".into()), "{path} {value:?}");
        assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer"));
    }
    for scheme in ["Bearer", "bearer"] {
        let answer = client.send(ask(here.clone(), Some(format!("{scheme} {token}")))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let session = app.client_of(&acme.session).get(&here).await;
    assert_eq!(session.refusal().0, 401, "a browser's session is no key");
}

both! {
    async fn a_revoked_key_and_an_expired_one_are_nobodys(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let soon = (app.vestibule.now() + Duration::hours(1)).to_rfc3339();
        let body = json!({ "name": "deploy", "permissions": ["org.read"], "expires_at": soon });
        let made = program.post("/keys", &body).await.json();
        let other = super::super::Program { client: app.client(), id: program.id, token: made["token"].as_str().unwrap().into(), org: "acme".into() };
        assert_eq!(other.get("").await.status, StatusCode::OK);
        app.advance(Duration::hours(1));
        assert_eq!(other.get("").await.refusal().0, 401);
        assert_eq!(program.delete(&format!("/keys/{}", made["id"].as_str().unwrap())).await.status, StatusCode::NO_CONTENT);
        let keys = program.get("/keys").await.json();
        let mine = keys["data"].as_array().unwrap().iter().find(|key| key["id"] != made["id"]).unwrap().clone();
        assert!(mine["last_used_at"].is_string() && mine.get("token").is_none());
        assert_eq!(program.delete(&format!("/keys/{}", mine["id"].as_str().unwrap())).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get("").await.refusal(), (401, "unauthenticated".into()), "its own end");
    }
}

#[tokio::test]
async fn what_a_revoked_key_offered_is_void() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    for (email, role) in [("joan@example.com", "admin"), ("grace@example.com", "member")] {
        program.post("/invitations", &json!({ "email": email, "roles": [role] })).await;
    }
    app.settle().await;
    app.vestibule.api_keys().revoke(&acme.scope, program.id).await.unwrap();
    let accept = async |email: &str| {
        let acceptance_session = app.vestibule.acceptance().open(&app.mailed_token(email)).await.unwrap();
        app.vestibule
            .acceptance()
            .accept_as_new(acceptance_session.as_str(), "Joan Whitlock", crate::harness::PASSWORD)
            .await
    };
    for email in ["joan@example.com", "grace@example.com"] {
        assert!(matches!(accept(email).await, Err(Error::Closed(Status::Revoked))), "{email}");
    }
}

#[tokio::test]
async fn a_key_makes_no_mightier_key() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program_with(&acme, &[Permission::KeyEdit, Permission::OrganizationRead]).await;
    let body = |permission: &str| json!({ "name": "x", "permissions": [permission] });
    assert_eq!(program.post("/keys", &body("org.user.invite")).await.refusal(), (403, "forbidden".into()));
    assert_eq!(program.post("/keys", &body("org.read")).await.status, StatusCode::CREATED);
    for body in [
        json!({ "name": "", "permissions": [] }),
        json!({ "name": "x", "permissions": ["org.fly"] }),
        json!({ "name": "x", "permissions": ["org.read"], "expires_at": "2020-01-01T00:00:00Z" }),
    ] {
        assert_eq!(program.post("/keys", &body).await.refusal().0, 422, "{body}");
    }
}

#[tokio::test]
async fn a_key_has_an_allowance_and_is_told_how_it_stands() {
    let settings = Box::new(|settings: &mut vestibule_core::service::Settings| {
        settings.api_requests_per_minute = std::num::NonZeroU32::new(3).unwrap();
    });
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let (program, other) = (app.program(&acme).await, app.program(&acme).await);
    for left in ["2", "1", "0"] {
        let answer = program.get("").await;
        assert_eq!(
            (&answer.headers["ratelimit-limit"], &answer.headers["ratelimit-remaining"]),
            (&"3".parse().unwrap(), &left.parse().unwrap())
        );
    }
    let refused = program.get("").await;
    assert_eq!(refused.refusal(), (429, "throttled".into()));
    let wait: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(other.get("").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_token_lies_in_the_database() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let request = program.request(Method::POST, "/keys").header("idempotency-key", "k");
    let made = program.send(request.json(&json!({ "name": "x", "permissions": ["org.read"] }))).await.json();
    let copy = app.folder().join("copy.db");
    app.copy_database(&copy).await;
    let bytes = std::fs::read(copy).unwrap();
    for token in [&program.token, &made["token"].as_str().unwrap().to_owned()] {
        let secret = &token[26..];
        assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none());
    }
}
