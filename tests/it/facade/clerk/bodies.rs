//! Every body, whole, as it is on the wire.

use crate::harness::{Answer, TestApp};
use serde_json::{Value, json};

/// The body with what differs each time taken out.
fn shown(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text);
    let mut body = answer.json();
    hide(&mut body);
    format!("{} {}", answer.status, serde_json::to_string_pretty(&body).unwrap())
}

fn hide(value: &mut Value) {
    match value {
        Value::String(text) => {
            let prefix = ["orginv_", "inv_", "org_", "user_"].into_iter().find(|prefix| text.starts_with(prefix));
            if let Some(prefix) = prefix.filter(|prefix| text.len() == prefix.len() + 32) {
                *text = format!("{prefix}…");
            }
            if let Some(at) = text.find("/clerk/v1/tickets/accept?ticket=vst_") {
                *text = format!("{{public_url}}{}…", &text[at..at + 36]);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(map) => map.values_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn as_they_are() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let full = json!({
        "email_address": "Grace@example.com", "role": "basic_member", "inviter_user_id": clerk.owner, "public_metadata": { "deptName": "eng" },
        "private_metadata": { "costCenter": 7 }, "expires_in_days": 7, "notify": false,
    });
    let made = clerk.post(&clerk.here(""), &full).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let bulk = json!([{ "email_address": "alan@example.com", "role": "org:admin" }]);
    let bulk = clerk.post(&clerk.here("/bulk"), &bulk).await;
    let application = clerk.post("/invitations", &json!({ "email_address": "joan@example.com" })).await;
    let plain = application.json()["id"].as_str().unwrap().to_owned();
    for (name, answer) in [
        ("create", made),
        ("create_many", bulk),
        ("show", clerk.get(&clerk.here(&format!("/{id}"))).await),
        ("list", clerk.get(&clerk.here("?limit=1&offset=2")).await),
        ("list_all", clerk.get("/organization_invitations?query=grace").await),
        ("revoke", clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!(null)).await),
        ("application_create", application),
        (
            "application_create_many",
            clerk.post("/invitations/bulk", &json!([{ "email_address": "b@example.com" }])).await,
        ),
        ("application_list", clerk.get("/invitations?limit=1").await),
        ("application_list_paginated", clerk.get("/invitations?limit=1&paginated=true").await),
        ("application_revoke", clerk.post(&format!("/invitations/{plain}/revoke"), &json!({})).await),
        ("refused_twice", clerk.post("/invitations/bulk", &json!([{ "email_address": "b@example.com" }])).await),
        ("refused_fields", clerk.post(&clerk.here(""), &json!({ "notify": 1, "expires_in_days": 0 })).await),
        ("refused_key", app.client().get("/clerk/v1/invitations").await),
    ] {
        insta::assert_snapshot!(name, shown(&answer));
    }
}
