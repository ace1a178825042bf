//! Every endpoint, from no credentials up to success.

use super::{Asc, body, invitation, limited, refusal, refusals};
use crate::harness::{Setup, TestApp};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};
use vestibule_core::service::Settings;
use vestibule_domain::{Permission, Surface};

/// An endpoint: its method, its path, a body that it takes, and a permission that it needs.
type Endpoint = (Method, String, Option<Value>, Permission);

async fn endpoints(app: &TestApp, asc: &Asc, owner: &str) -> Vec<Endpoint> {
    let made = asc.makes(&limited("first@example.com", "1000000001")).await["id"].as_str().unwrap().to_owned();
    app.settle().await;
    let (look, read, invite) = (Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite);
    let get = |path: String, permission| (Method::GET, path, None, permission);
    vec![
        get("/apps".into(), look),
        get("/apps/1000000001".into(), look),
        get("/users".into(), read),
        get(format!("/users/{owner}"), read),
        get(format!("/users/{owner}/visibleApps"), read),
        get(format!("/users/{owner}/relationships/visibleApps"), read),
        get("/userInvitations".into(), read),
        get(format!("/userInvitations/{made}"), read),
        get(format!("/userInvitations/{made}/visibleApps"), read),
        get(format!("/userInvitations/{made}/relationships/visibleApps"), read),
        (Method::POST, "/userInvitations".into(), Some(invitation("new@example.com")), invite),
        (Method::DELETE, format!("/userInvitations/{made}"), None, invite),
    ]
}

fn with_body(request: RequestBuilder, (_, _, body, _): &Endpoint) -> RequestBuilder {
    body.iter().fold(request, RequestBuilder::json)
}

#[tokio::test]
async fn nobody_gets_in_without_a_key_for_it() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    app.app(&acme, "1000000001", "Tides").await;
    let (asc, foreign) = (app.asc(&acme).await, app.asc(&other).await);
    let (_, native) = app.key_for(&acme, Surface::Native, Permission::ALL).await;
    let endpoints = endpoints(&app, &asc, &acme.user.id.to_string()).await;
    let before = app.traces(&acme).await;
    for endpoint in &endpoints {
        let (method, path, _, needs) = endpoint;
        let bare = || with_body(asc.unsigned(method.clone(), path), endpoint);
        for (request, why) in [
            (bare(), "no credentials"),
            (bare().basic_auth(asc.kid(), Some(asc.token())), "another scheme"),
            (bare().bearer_auth(&native), "a key of another API"),
            (bare().header("x-api-key", asc.token()), "not where it belongs"),
        ] {
            let answer = asc.send(request).await;
            assert_eq!(refusal(&answer), (401, "NOT_AUTHORIZED".into(), String::new()), "{method} {path}: {why}");
        }
        let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|one| one != needs).collect();
        let weak = app.asc_with(&acme, &others).await;
        let answer = asc.send(bare().bearer_auth(weak.token())).await;
        assert_eq!(refusal(&answer), (403, "FORBIDDEN_ERROR".into(), String::new()), "{method} {path}: a weak key");
        if path.split('/').count() > 2 {
            let answer = asc.send(bare().bearer_auth(foreign.token())).await;
            assert_eq!(refusal(&answer).0, 404, "{method} {path}: another organization");
        }
    }
    let after = app.traces(&acme).await;
    assert_eq!((before.0, before.2), (after.0, after.2), "no row and no mail");
    assert_eq!(after.1 - before.1, endpoints.len(), "no event but those of the weak keys");
    for endpoint in &endpoints {
        let answer = asc.send(with_body(asc.request(endpoint.0.clone(), &endpoint.1), endpoint)).await;
        assert!(answer.status.is_success(), "{} {}: {}", endpoint.0, endpoint.1, answer.text);
    }
}

#[tokio::test]
async fn whatever_goes_wrong_is_told_in_its_envelope() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    app.app(&other, "1000000002", "Theirs").await;
    let (asc, foreign) = (app.asc(&acme).await, app.asc(&other).await);
    let theirs = foreign.invites("grace@example.com", "Okafor", "DEVELOPER").await["id"].as_str().unwrap().to_owned();
    let before = app.traces(&acme).await;
    let raw = |kind: &str, body: &str| {
        asc.request(Method::POST, "/userInvitations").header(header::CONTENT_TYPE, kind).body(body.to_owned())
    };
    let get = |path: &str| asc.request(Method::GET, path);
    for (request, wanted) in [
        (raw("application/json", "{"), (400, "ENTITY_INVALID", "")),
        (raw("application/json", ""), (400, "ENTITY_INVALID", "")),
        (raw("text/plain", "{}"), (415, "UNSUPPORTED_MEDIA_TYPE", "")),
        (raw("application/json", &"x".repeat(70_000)), (413, "ENTITY_TOO_LARGE", "")),
        (raw("application/json", "{}"), (409, "ENTITY_ERROR", "/data")),
        (raw("application/json", "{\"data\":{\"type\":\"users\"}}"), (409, "ENTITY_ERROR", "/data/type")),
        (get("/nothing"), (404, "NOT_FOUND", "")),
        (get(""), (404, "NOT_FOUND", "")),
        (get("/userInvitations/x"), (404, "NOT_FOUND", "")),
        (get(&format!("/userInvitations/{theirs}")), (404, "NOT_FOUND", "")),
        (get(&format!("/userInvitations/{theirs}/visibleApps")), (404, "NOT_FOUND", "")),
        (get(&format!("/userInvitations/{theirs}/apps")), (404, "PATH_ERROR", "")),
        (get(&format!("/userInvitations/{theirs}/relationships/roles")), (404, "PATH_ERROR", "")),
        (get("/apps/1000000002"), (404, "NOT_FOUND", "")),
        (get(&format!("/users/{}", other.user.id)), (404, "NOT_FOUND", "")),
        (asc.request(Method::DELETE, &format!("/userInvitations/{theirs}")), (404, "NOT_FOUND", "")),
        (asc.request(Method::PATCH, &format!("/userInvitations/{theirs}")), (405, "METHOD_NOT_ALLOWED", "")),
        (asc.request(Method::from_bytes(b"PROPFIND").unwrap(), "/userInvitations"), (405, "METHOD_NOT_ALLOWED", "")),
    ] {
        let answer = asc.send(request).await;
        let (status, code, source) = refusal(&answer);
        assert_eq!((status, code.as_str(), source.as_str()), wanted, "{}", answer.text);
    }
    let plain = asc.send(get("/users").header(header::ACCEPT, "text/html")).await;
    assert_eq!((plain.status.as_u16(), plain.header("content-type")), (406, "text/plain; charset=utf-8"));
    for accepted in ["*/*", "text/html, application/*;q=0.5", "application/vnd.api+json"] {
        assert_eq!(asc.send(get("/users").header(header::ACCEPT, accepted)).await.status, 200, "{accepted}");
    }
    assert_eq!(app.traces(&acme).await, before);
}

#[tokio::test]
async fn all_that_is_wrong_with_an_invitation_is_told_at_once() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    app.app(&acme, "1000000001", "Tides").await;
    app.app(&other, "1000000002", "Theirs").await;
    let asc = app.asc(&acme).await;
    let before = app.traces(&acme).await;
    let attributes = |change: Value| {
        let mut document = invitation("grace@example.com");
        for (name, value) in change.as_object().unwrap() {
            let attributes = document["data"]["attributes"].as_object_mut().unwrap();
            _ = if *value == json!("take it out") {
                attributes.remove(name)
            } else {
                attributes.insert(name.clone(), value.clone())
            };
        }
        document
    };
    let apps = |relationships: Value| {
        let mut document = attributes(json!({ "allAppsVisible": null }));
        document["data"]["relationships"] = relationships;
        document
    };
    let app_named = |id: Value| json!({ "visibleApps": { "data": [{ "type": "apps", "id": id }] } });
    const REQUIRED: &str = "ENTITY_ERROR.ATTRIBUTE.REQUIRED";
    const TYPE: &str = "ENTITY_ERROR.ATTRIBUTE.TYPE";
    const RELATIONSHIP: (&str, &str) = ("ENTITY_ERROR.RELATIONSHIP.INVALID", "/data/relationships/visibleApps");
    for (document, wanted) in [
        (attributes(json!({ "firstName": "take it out" })), vec![(REQUIRED, "/data/attributes/firstName")]),
        (attributes(json!({ "lastName": " " })), vec![(REQUIRED, "/data/attributes/lastName")]),
        (attributes(json!({ "roles": [] })), vec![(REQUIRED, "/data/attributes/roles")]),
        (attributes(json!({ "email": null })), vec![(REQUIRED, "/data/attributes/email")]),
        (attributes(json!({ "email": 7 })), vec![(TYPE, "/data/attributes/email")]),
        (attributes(json!({ "roles": "ADMIN" })), vec![(TYPE, "/data/attributes/roles")]),
        (
            attributes(json!({ "roles": ["ADMIN", "TECHNICAL", 7] })),
            vec![(TYPE, "/data/attributes/roles/1"), (TYPE, "/data/attributes/roles/2")],
        ),
        (attributes(json!({ "allAppsVisible": "yes" })), vec![(TYPE, "/data/attributes/allAppsVisible")]),
        (attributes(json!({ "provisioningAllowed": 1 })), vec![(TYPE, "/data/attributes/provisioningAllowed")]),
        (attributes(json!({ "nickname": "G" })), vec![("ENTITY_ERROR.ATTRIBUTE.UNKNOWN", "/data/attributes/nickname")]),
        (attributes(json!({ "email": "nobody" })), vec![("ENTITY_ERROR.ATTRIBUTE.INVALID", "/data/attributes/email")]),
        (
            attributes(json!({ "firstName": "see evil.com" })),
            vec![("ENTITY_ERROR.ATTRIBUTE.INVALID", "/data/attributes/firstName")],
        ),
        (
            attributes(json!({ "email": acme.owner })),
            vec![("ENTITY_ERROR.ATTRIBUTE.INVALID.DUPLICATE", "/data/attributes/email")],
        ),
        (attributes(json!({ "allAppsVisible": false })), vec![RELATIONSHIP]),
        (apps(app_named(json!("1000000009"))), vec![RELATIONSHIP]),
        (apps(app_named(json!("1000000002"))), vec![RELATIONSHIP]),
        (apps(app_named(json!(7))), vec![RELATIONSHIP]),
        (apps(json!({ "visibleApps": [] })), vec![RELATIONSHIP]),
        (apps(json!({ "apps": {} })), vec![RELATIONSHIP]),
        (
            attributes(json!({ "email": "", "firstName": "take it out", "roles": ["X"], "x": 1 })),
            vec![
                ("ENTITY_ERROR.ATTRIBUTE.UNKNOWN", "/data/attributes/x"),
                (REQUIRED, "/data/attributes/email"),
                (REQUIRED, "/data/attributes/firstName"),
                (TYPE, "/data/attributes/roles/0"),
            ],
        ),
    ] {
        let answer = asc.post(&document).await;
        let (status, told) = refusals(&answer);
        let told: Vec<(&str, &str)> = told.iter().map(|(code, source)| (code.as_str(), source.as_str())).collect();
        assert_eq!((status, told), (409, wanted), "{}", answer.text);
    }
    assert_eq!(app.traces(&acme).await, before, "no row, no role, no event, no mail");
    let roles = app.vestibule.roles().all(&acme.scope).await.unwrap();
    assert_eq!(roles.len(), 3, "what is refused makes no role");
}

#[tokio::test]
async fn nobody_gives_more_than_their_key_has() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let before = app.vestibule.roles().all(&acme.scope).await.unwrap().len();
    let invite = [Permission::UserInvite, Permission::UserRead, Permission::OrganizationRead];
    let asc = app.asc_with(&acme, &invite).await;
    for role in ["ADMIN", "ACCOUNT_HOLDER"] {
        let mut document = invitation("grace@example.com");
        document["data"]["attributes"]["roles"] = json!([role, "SALES"]);
        assert_eq!(refusal(&asc.post(&document).await).0, 403, "{role}");
    }
    assert_eq!(app.vestibule.roles().all(&acme.scope).await.unwrap().len(), before);
    asc.invites("grace@example.com", "Okafor", "SALES").await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let settings = Box::new(|settings: &mut Settings| {
        settings.api_requests_per_minute = std::num::NonZeroU32::new(2).unwrap();
    });
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let asc = app.asc(&acme).await;
    for left in ["user-hour-lim:120;user-hour-rem:119;", "user-hour-lim:120;user-hour-rem:118;"] {
        let answer = asc.get("/userInvitations/x").await;
        assert_eq!((answer.status.as_u16(), answer.header("x-rate-limit")), (404, left), "refusals tell it, too");
    }
    let answer = asc.get("/users").await;
    assert_eq!(refusal(&answer), (429, "RATE_LIMIT_EXCEEDED".into(), String::new()));
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
    body(&answer);
}
