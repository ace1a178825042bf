//! Events by cursor and as a stream.

use crate::harness::TestApp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

both! {
    async fn who_follows_the_cursor_sees_every_event_once(app) {
        let acme = app.organization("Acme").await;
        let program = app.program(&acme).await;
        for number in 0..5 {
            program.post("/invitations", &json!({ "email": format!("p{number}@example.com") })).await;
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = program.get(&format!("/events?limit=2{cursor}")).await.json();
            seen.extend(page["data"].as_array().unwrap().iter().map(|event| event["number"].as_u64().unwrap()));
            cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap());
            if page["has_more"] == false {
                break;
            }
        }
        // the owner, the key, five invitations
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(program.get(&format!("/events?{}", &cursor[1..])).await.json()["data"], json!([]));
        program.post("/invitations", &json!({ "email": "late@example.com" })).await;
        let later = program.get(&format!("/events?{}", &cursor[1..])).await.json();
        assert_eq!((&later["data"][0]["action"], &later["data"][0]["data"]["email"]), (&json!("invitation.created"), &json!("late@example.com")));
        assert_eq!(later["data"][0]["actor"], json!({ "type": "api_key", "id": later["data"][0]["actor"]["id"], "name": "ci" }));
    }
}

#[tokio::test]
async fn a_stream_goes_on_where_it_was_left() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    program.post("/invitations", &json!({ "email": "grace@example.com" })).await;
    let request = program.request(Method::GET, "/events/stream").header("last-event-id", "2");
    let mut response = request.send().await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["content-type"]),
        (StatusCode::OK, &"text/event-stream".parse().unwrap())
    );
    let mut text = String::new();
    program.post("/invitations", &json!({ "email": "alan@example.com" })).await;
    while text.matches("event: invitation.created").count() < 2 {
        let chunk =
            tokio::time::timeout(Duration::from_secs(10), response.chunk()).await.expect("more events").unwrap();
        text += std::str::from_utf8(&chunk.expect("it goes on")).unwrap();
    }
    let numbers: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    assert_eq!(numbers, ["3", "4"]);
    let data: Value = serde_json::from_str(text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap()).unwrap();
    assert_eq!(data["data"]["email"], "grace@example.com");
}

#[tokio::test]
async fn a_stream_ends_with_its_key() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let mut response = program.request(Method::GET, "/events/stream").send().await.unwrap();
    app.vestibule.api_keys().revoke(&acme.scope, program.id).await.unwrap();
    let end = async {
        while let Some(chunk) = response.chunk().await.unwrap() {
            assert!(!chunk.starts_with(b"id:"), "nothing is told to a key that is gone");
        }
    };
    tokio::time::timeout(Duration::from_secs(5), end).await.expect("it ends");
}

#[tokio::test]
async fn what_is_no_cursor_is_refused() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    for query in ["cursor=x", "limit=0", "limit=501"] {
        assert_eq!(program.get(&format!("/events?{query}")).await.refusal().0, 422, "{query}");
    }
    for query in ["limit=x", "limit=1&limit=2", "page=2"] {
        assert_eq!(program.get(&format!("/events?{query}")).await.refusal(), (400, "query".into()), "{query}");
    }
}
