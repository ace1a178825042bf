//! Where webhooks may not go, at saving and at sending.

use super::Receiver;
use crate::harness::{Reply, Setup, TestApp};
use reqwest::StatusCode;
use serde_json::json;
use vestibule_core::service::Settings;

/// An installation whose webhooks go to the public internet only.
async fn public_only() -> TestApp {
    let settings = |settings: &mut Settings| settings.webhook_allow_subnets.clear();
    TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await
}

#[tokio::test]
async fn what_leads_inside_is_refused_at_saving() {
    let app = public_only().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let own = app.url.strip_prefix("http://").unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST:8080",
        "[::1]",
        "0.0.0.0",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "127.1",
        own,
    ] {
        let answer = program.post("/webhooks", &json!({ "url": format!("http://{host}/x") })).await;
        assert_eq!(answer.refusal(), (422, "invalid".into()), "{host}");
        assert_eq!(answer.json()["errors"][0]["code"], "blocked_destination", "{host}: {}", answer.text);
    }
    for url in [
        "ftp://hooks.example",
        "file:///etc/passwd",
        "https://user:secret@hooks.example",
        "https://hooks.example:22",
        "https://hooks.example/a\r\nX: y",
        "hooks.example",
        "",
    ] {
        let answer = program.post("/webhooks", &json!({ "url": url })).await;
        assert_eq!(answer.refusal(), (422, "invalid".into()), "{url}");
        assert_eq!(answer.fields(), ["url"], "{url}");
    }
    assert_eq!(program.get("/webhooks").await.json()["total"], 0);
}

#[tokio::test]
async fn what_leads_inside_is_refused_at_sending() {
    let app = public_only().await;
    let acme = app.organization("Acme").await;
    let receiver = Receiver::new().await;
    let port = receiver.url.split(':').nth(2).unwrap().to_owned();
    let (endpoint, _) = app.webhook(&acme, "https://hooks.invalid/", &["invitation.created"]).await;
    for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "2130706433"] {
        // the name led elsewhere when it was saved
        let pool = sqlx::SqlitePool::connect(&app.database_url).await.unwrap();
        let url = format!("http://{host}:{port}");
        sqlx::query("update webhook_endpoints set url = $1").bind(url).execute(&pool).await.unwrap();
        app.invites(&acme, &format!("{}@example.com", host.trim_matches(['[', ']']).replace(':', "-"))).await;
        app.settle().await;
        let delivery = app.deliveries(&acme, &endpoint).await.remove(0);
        let attempt = app.attempts(&acme, delivery.id).await.remove(0);
        assert_eq!(attempt.error.as_deref(), Some("blocked_destination"), "{host}: {attempt:?}");
    }
    assert_eq!(receiver.requests().len(), 0, "no packet at the sink");
}

#[tokio::test]
async fn a_webhook_that_leads_inside_by_now_can_still_be_disabled() {
    let app = public_only().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let (endpoint, _) = app.webhook(&acme, "https://hooks.invalid/", &[]).await;
    let pool = sqlx::SqlitePool::connect(&app.database_url).await.unwrap();
    sqlx::query("update webhook_endpoints set url = 'http://localhost:9000/'").execute(&pool).await.unwrap();
    let path = format!("/webhooks/{}", endpoint.id);
    let answer = program.patch(&path, &json!({ "enabled": false })).await;
    assert_eq!((answer.status, &answer.json()["enabled"]), (StatusCode::OK, &json!(false)));
    let moved = program.patch(&path, &json!({ "url": "http://127.0.0.1:9000/" })).await;
    assert_eq!(moved.refusal().0, 422);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let inside = Receiver::new().await;
    for status in [301, 302, 307, 308] {
        let answer = Reply::new(status).header("location", inside.url.as_str());
        let outside = Receiver::answering([answer]).await;
        let (endpoint, _) = app.webhook(&acme, &outside.url, &["invitation.created"]).await;
        app.invites(&acme, &format!("person{status}@example.com")).await;
        app.settle().await;
        let delivery = app.deliveries(&acme, &endpoint).await.remove(0);
        assert_eq!(app.attempts(&acme, delivery.id).await[0].status, Some(status));
    }
    assert_eq!(inside.requests().len(), 0);
}

#[tokio::test]
async fn only_the_networks_that_the_operator_names_are_allowed() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let made = program.post("/webhooks", &json!({ "url": "http://127.0.0.9:8080/" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let refused = program.post("/webhooks", &json!({ "url": "http://10.0.0.1/" })).await;
    assert_eq!(refused.refusal().0, 422);
}
