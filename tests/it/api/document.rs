//! The document says what there is, and nothing else.

use crate::harness::TestApp;
use reqwest::StatusCode;
use serde_json::Value;

#[tokio::test]
async fn the_document_is_served_and_whole() {
    let app = TestApp::new().await;
    let answer = app.client().get("/api/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    let document = answer.json();
    assert_eq!(document["openapi"].as_str().unwrap().split('.').next(), Some("3"));
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document, vestibule_api::document());
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        for part in ["summary", "operationId", "tags"] {
            assert!(!operation[part].is_null(), "{name} has no {part}");
        }
        assert!(operation["responses"]["401"].is_object() && operation["responses"]["404"].is_object(), "{name}");
        assert!(operation.get("requestBody").is_none() || operation["responses"]["422"].is_object(), "{name}");
    }
    check_references(&document, &document);
}

/// `(path, method, operation)` of each.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        methods
            .as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (path.clone(), method.clone(), operation.clone()))
    });
    all.collect()
}

fn check_references(document: &Value, part: &Value) {
    match part {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
            }
            map.values().for_each(|value| check_references(document, value));
        }
        Value::Array(items) => items.iter().for_each(|value| check_references(document, value)),
        _ => {}
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let page = app.client().get("/api/docs/").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
}
