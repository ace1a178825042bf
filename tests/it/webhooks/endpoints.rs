//! Webhooks over the API: made, changed, rotated, deleted, and what is refused.

use super::Receiver;
use crate::harness::TestApp;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use vestibule_domain::Permission;

both! {
    async fn a_webhook_from_its_beginning_to_its_end(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let receiver = Receiver::new().await;
        let made = program.post("/webhooks", &json!({ "url": receiver.url, "description": "Our CRM", "actions": ["member.added", "invitation.accepted"] })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let body = made.json();
        let secret = body["secret"].as_str().unwrap();
        assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{secret}");
        assert_eq!(body["actions"], json!(["invitation.accepted", "member.added"]));
        let path = format!("/webhooks/{}", body["id"].as_str().unwrap());
        assert!(made.headers[header::LOCATION].to_str().unwrap().ends_with(&path));

        let read = program.get(&path).await;
        assert!(read.json().get("secret").is_none() && read.json()["enabled"] == true);
        let tag = read.headers[header::ETAG].clone();
        let edited = program.patch(&path, &json!({ "description": null, "actions": [], "enabled": false })).await.json();
        assert_eq!((&edited["description"], &edited["actions"], &edited["disabled_why"]), (&json!(null), &json!([]), &json!("by_hand")));
        let stale = program.request(Method::PATCH, &path).header(header::IF_MATCH, tag).json(&json!({ "enabled": true }));
        assert_eq!(program.send(stale).await.refusal(), (412, "changed".into()));

        let rotated = program.post(&format!("{path}/rotation"), &json!({})).await.json();
        assert!(rotated["secret"].as_str().unwrap() != secret && rotated["rotated_at"].is_string());
        assert_eq!(program.get("/webhooks").await.json()["total"], 1);
        assert_eq!(program.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(program.get(&path).await.refusal(), (404, "webhook_missing".into()));
        let events = app.vestibule.feed().events(&acme.scope, 0, 100).await.unwrap();
        let actions: Vec<&str> = events.iter().map(|event| event.fact.action()).filter(|action| action.starts_with("webhook")).collect();
        assert_eq!(actions, ["webhook.created", "webhook.edited", "webhook.secret_rotated", "webhook.deleted"]);
    }

    async fn deliveries_are_listed_read_and_sent_again(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        let receiver = Receiver::new().await;
        let (endpoint, _) = app.webhook(&acme, &receiver.url, &["invitation.created"]).await;
        for number in 0..3 {
            app.invites(&acme, &format!("person{number}@example.com")).await;
        }
        app.settle().await;
        let path = format!("/webhooks/{}/deliveries", endpoint.id);
        let first = program.get(&format!("{path}?limit=2&state=delivered")).await.json();
        assert_eq!((first["total"].as_u64(), first["data"].as_array().unwrap().len()), (Some(3), 2));
        let rest = program.get(&format!("{path}?limit=2&state=delivered&cursor={}", first["next_cursor"].as_str().unwrap())).await.json();
        assert_eq!((rest["data"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
        assert_eq!(program.get(&format!("{path}?state=failed")).await.json()["total"], 0);
        let delivery = format!("/deliveries/{}", first["data"][0]["id"].as_str().unwrap());
        let read = program.get(&delivery).await.json();
        assert_eq!((&read["payload"]["type"], &read["tries"][0]["status"], &read["due_at"]), (&json!("invitation.created"), &json!(204), &Value::Null));
        let again = program.post(&format!("{delivery}/replay"), &json!({})).await;
        assert_eq!((again.status, &again.json()["state"]), (StatusCode::OK, &json!("pending")));
        assert_eq!(program.post(&format!("{delivery}/replay"), &json!({})).await.refusal(), (409, "not_replayable".into()));
        app.settle().await;
        assert_eq!(receiver.requests().len(), 4);
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_nothing_is_made() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let url = "https://hooks.invalid/";
    for (body, status, fields) in [
        (json!({}), 422, vec![]),
        (json!({ "url": url, "secret": "x" }), 422, vec!["secret"]),
        (json!({ "url": url, "actions": ["invitation.accept", "member.added"] }), 422, vec!["actions[0]"]),
        (json!({ "url": url, "description": "x".repeat(101) }), 422, vec!["description"]),
        (json!({ "url": "nowhere", "actions": ["x"] }), 422, vec!["url", "actions[0]"]),
    ] {
        let answer = program.post("/webhooks", &body).await;
        assert_eq!(
            (answer.refusal().0, answer.fields()),
            (status, fields.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
    let few = app.program_with(&acme, &[Permission::OrganizationRead, Permission::AuditRead]).await;
    assert_eq!(few.post("/webhooks", &json!({ "url": url })).await.refusal().0, 403);
    assert_eq!(program.get("/webhooks").await.json()["total"], 0);
    let events = app.vestibule.feed().events(&acme.scope, 0, 100).await.unwrap();
    assert!(!events.iter().any(|event| event.fact.action().starts_with("webhook")));
}

#[tokio::test]
async fn an_organization_has_fifty_at_most() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    for number in 0..50 {
        app.webhook(&acme, &format!("http://127.0.0.1:9000/{number}"), &["member.left"]).await;
    }
    let answer = program.post("/webhooks", &json!({ "url": "http://127.0.0.1:9000/" })).await;
    assert_eq!(answer.refusal(), (409, "too_many_webhooks".into()));
}

#[tokio::test]
async fn a_repeated_request_makes_one_webhook_and_tells_its_secret_again() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let request = program.request(Method::POST, "/webhooks").header("idempotency-key", "one");
        let answer = program.send(request.json(&json!({ "url": "http://127.0.0.1:9000/" }))).await;
        secrets.push(answer.json()["secret"].as_str().unwrap().to_owned());
    }
    assert_eq!(secrets[0], secrets[1]);
    assert_eq!(program.get("/webhooks").await.json()["total"], 1);
}
