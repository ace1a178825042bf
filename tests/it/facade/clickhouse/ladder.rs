//! Every endpoint, from no credentials up to success.

use super::{Cloud, refusal};
use crate::harness::{Setup, TestApp};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};
use vestibule_core::service::Settings;
use vestibule_domain::{Permission, Surface};

/// An endpoint: its method, its path, a body that it takes, and a permission that it needs.
type Endpoint = (Method, String, Option<Value>, Permission);

async fn endpoints(app: &TestApp, cloud: &Cloud, owner: &str) -> Vec<Endpoint> {
    let made = cloud.invites("first@example.com").await["id"].as_str().unwrap().to_owned();
    app.settle().await;
    let (read, invite, edit) = (Permission::UserRead, Permission::UserInvite, Permission::UserEdit);
    let of = |method: Method, path: &str, body, permission| (method, cloud.here(path), body, permission);
    vec![
        (Method::GET, "/organizations".into(), None, Permission::OrganizationRead),
        of(Method::GET, "", None, Permission::OrganizationRead),
        of(Method::GET, "/roles", None, Permission::OrganizationRead),
        of(Method::GET, "/members", None, read),
        of(Method::GET, &format!("/members/{owner}"), None, read),
        of(Method::PATCH, &format!("/members/{owner}"), Some(json!({ "role": "admin" })), edit),
        of(Method::DELETE, &format!("/members/{owner}"), None, edit),
        of(Method::GET, "/invitations", None, read),
        of(Method::POST, "/invitations", Some(json!({ "email": "new@example.com" })), invite),
        of(Method::GET, &format!("/invitations/{made}"), None, read),
        of(Method::DELETE, &format!("/invitations/{made}"), None, invite),
    ]
}

fn request(app: &TestApp, (method, path, body, _): &Endpoint) -> RequestBuilder {
    let request = app.client().request(method.clone(), &format!("/clickhouse/v1{path}"));
    body.iter().fold(request, RequestBuilder::json)
}

async fn refused(app: &TestApp, request: RequestBuilder, wanted: (u16, &str), why: &str) {
    let answer = app.client().send(request).await;
    let (status, code) = refusal(&answer);
    assert_eq!((status, code.as_str()), wanted, "{why}: {}", answer.text);
    if status == 401 {
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_key_for_it() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (cloud, second) = (app.clickhouse(&acme).await, app.clickhouse(&acme).await);
    let foreign = app.clickhouse(&other).await;
    let (native_key, native) = app.key_for(&acme, Surface::Native, Permission::ALL).await;
    let native_id = native_key.id.uuid().simple().to_string();
    let endpoints = endpoints(&app, &cloud, &acme.user.id.to_string()).await;
    let before = app.traces(&acme).await;
    for endpoint in &endpoints {
        let bare = || request(&app, endpoint);
        let nobody = (401, "UNAUTHORIZED");
        refused(&app, bare(), nobody, "no credentials").await;
        refused(&app, bare().bearer_auth(&cloud.secret), nobody, "another scheme").await;
        refused(&app, bare().basic_auth(&cloud.id, Some("x")), nobody, "a wrong secret").await;
        refused(&app, bare().basic_auth(&second.id, Some(&cloud.secret)), nobody, "another key's secret").await;
        refused(&app, bare().basic_auth(&native_id, Some(&native)), nobody, "a key of another API").await;
        for value in
            ["Basic", "Basic !!!", "Basic Og==", "Basic a2V5", "basic \u{7f}", &format!("Basic {}", "x".repeat(8_000))]
        {
            let Ok(value) = header::HeaderValue::from_str(value) else { continue };
            refused(&app, bare().header(header::AUTHORIZATION, value), nobody, "no credentials that can be read").await;
        }
        if endpoint.1.len() > "/organizations".len() {
            let theirs = bare().basic_auth(&foreign.id, Some(&foreign.secret));
            refused(&app, theirs, (404, "NOT_FOUND"), "another organization").await;
        }
        let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|one| *one != endpoint.3).collect();
        let weak = app.clickhouse_with(&acme, &others).await;
        refused(&app, bare().basic_auth(&weak.id, Some(&weak.secret)), (403, "FORBIDDEN"), "a weak key").await;
    }
    let after = app.traces(&acme).await;
    assert_eq!((before.0, before.2), (after.0, after.2), "no row and no mail");
    assert_eq!(after.1 - before.1, endpoints.len(), "no event but those of the weak keys");
}

#[tokio::test]
async fn whatever_goes_wrong_is_told_in_its_envelope() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (cloud, foreign) = (app.clickhouse(&acme).await, app.clickhouse(&other).await);
    let theirs = foreign.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
    let before = app.traces(&acme).await;
    let here = cloud.here("/invitations");
    let raw = |kind: &str, body: &str| {
        cloud.request(Method::POST, &here).header(header::CONTENT_TYPE, kind).body(body.to_owned())
    };
    let get = |path: &str| cloud.request(Method::GET, path);
    for (request, wanted) in [
        (raw("application/json", "{"), (400, "BAD_REQUEST")),
        (raw("application/json", ""), (400, "BAD_REQUEST")),
        (raw("text/plain", "{}"), (415, "UNSUPPORTED_MEDIA_TYPE")),
        (raw("application/json", &"x".repeat(70_000)), (413, "PAYLOAD_TOO_LARGE")),
        (get("/nothing"), (404, "NOT_FOUND")),
        (get(""), (404, "NOT_FOUND")),
        (get("/organizations/x"), (400, "BAD_REQUEST")),
        (get(&format!("/organizations/{}", foreign.org)), (404, "NOT_FOUND")),
        (get(&cloud.here("/invitations/x")), (400, "BAD_REQUEST")),
        (get(&cloud.here(&format!("/invitations/{theirs}"))), (404, "NOT_FOUND")),
        (cloud.request(Method::DELETE, &cloud.here(&format!("/invitations/{theirs}"))), (404, "NOT_FOUND")),
        (get(&cloud.here(&format!("/members/{}", foreign.org))), (404, "NOT_FOUND")),
        (cloud.request(Method::PUT, &here), (405, "METHOD_NOT_ALLOWED")),
        (cloud.request(Method::from_bytes(b"PROPFIND").unwrap(), &here), (405, "METHOD_NOT_ALLOWED")),
    ] {
        refused(&app, request, wanted, "").await;
    }
    assert_eq!(app.traces(&acme).await, before);
    for path in ["/clickhouse", "/clickhouse/", "/clickhouse/v2"] {
        assert_eq!(refusal(&app.client().get(path).await), (401, "UNAUTHORIZED".into()), "{path}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let settings = Box::new(|settings: &mut Settings| {
        settings.api_requests_per_minute = std::num::NonZeroU32::new(1).unwrap();
    });
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let cloud = app.clickhouse(&acme).await;
    assert_eq!(cloud.get("/organizations").await.status, 200);
    let refused = cloud.get("/organizations").await;
    assert_eq!(refusal(&refused), (429, "TOO_MANY_REQUESTS".into()));
    assert!(refused.header("x-ratelimit-reset").parse::<u32>().unwrap() >= 1);
    assert_eq!(refused.header("x-ratelimit-reset"), refused.header("retry-after"));
}
