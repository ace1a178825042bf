//! Every endpoint, from no credentials up to success.

use super::{Snyk, old_refusal, refusal};
use crate::harness::{Answer, Setup, TestApp};
use reqwest::{Method, RequestBuilder, header};
use serde_json::{Value, json};
use vestibule_core::service::Settings;
use vestibule_domain::{Permission, Surface};

/// An endpoint: its method, its path, a body that it takes, and the permissions that it needs.
struct Endpoint {
    method: Method,
    path: String,
    body: Option<Value>,
    needs: &'static [Permission],
}

const READ: &[Permission] = &[Permission::OrganizationRead];
const SEE_PEOPLE: &[Permission] = &[Permission::OrganizationRead, Permission::UserRead];
const INVITE: &[Permission] = &[Permission::UserInvite];

async fn endpoints(app: &TestApp, snyk: &Snyk) -> Vec<Endpoint> {
    let made = snyk.invites("first@example.com").await["id"].as_str().unwrap().to_owned();
    app.settle().await;
    let of = |method, path: String, body, needs| Endpoint { method, path, body, needs };
    let roles = format!("/rest/tenants/{}/roles?version=2024-10-15~beta", snyk.org);
    vec![
        of(Method::GET, "/rest/orgs?version=2024-06-21".into(), None, READ),
        of(Method::GET, snyk.here(""), None, READ),
        of(Method::GET, roles, None, READ),
        of(Method::GET, snyk.here("/memberships").replace("2024-06-21", "2024-08-25"), None, SEE_PEOPLE),
        of(Method::GET, snyk.here("/invites"), None, SEE_PEOPLE),
        of(Method::POST, snyk.here("/invites"), Some(snyk.invite("new@example.com")), INVITE),
        of(Method::DELETE, snyk.here(&format!("/invites/{made}")), None, INVITE),
        of(Method::GET, "/v1/orgs".into(), None, READ),
        of(Method::POST, format!("/v1/org/{}/invite", snyk.org), Some(json!({ "email": "old@example.com" })), INVITE),
    ]
}

fn request(app: &TestApp, endpoint: &Endpoint) -> RequestBuilder {
    let request = app.client().request(endpoint.method.clone(), &format!("/snyk{}", endpoint.path));
    endpoint.body.iter().fold(request, RequestBuilder::json)
}

/// Status and code, as far as the API that was asked has one.
fn told(endpoint: &Endpoint, answer: &Answer) -> u16 {
    if endpoint.path.starts_with("/v1") { old_refusal(answer).0 } else { refusal(answer).0 }
}

#[tokio::test]
async fn nobody_gets_in_without_a_key_for_it() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (snyk, foreign) = (app.snyk(&acme).await, app.snyk(&other).await);
    let (_, native) = app.key_for(&acme, Surface::Native, Permission::ALL).await;
    let endpoints = endpoints(&app, &snyk).await;
    let before = app.traces(&acme).await;
    let mut weak_keys = 0;
    for endpoint in &endpoints {
        let refused = async |value: &str, wanted: u16, why: &str| {
            let request = request(&app, endpoint);
            let request = if value.is_empty() { request } else { request.header(header::AUTHORIZATION, value) };
            let answer = app.client().send(request).await;
            assert_eq!(
                told(endpoint, &answer),
                wanted,
                "{} {}: {why}: {}",
                endpoint.method,
                endpoint.path,
                answer.text
            );
            if wanted == 401 {
                assert_eq!(answer.header("www-authenticate"), "token");
            }
        };
        refused("", 401, "no credentials").await;
        refused(&snyk.token, 401, "no scheme").await;
        refused(&format!("Basic {}", snyk.token), 401, "another scheme").await;
        refused("token x", 401, "no key").await;
        refused(&format!("token {}x", snyk.token), 401, "a wrong key").await;
        refused(&format!("token {native}"), 401, "a key of another API").await;
        if endpoint.path.contains(&snyk.org) {
            refused(&format!("token {}", foreign.token), 404, "another organization").await;
        }
        for missing in endpoint.needs {
            let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|one| one != missing).collect();
            let weak = app.snyk_with(&acme, &others).await;
            weak_keys += 1;
            refused(&format!("Token {}", weak.token), 403, "a weak key").await;
        }
    }
    let after = app.traces(&acme).await;
    assert_eq!((before.0, before.2), (after.0, after.2), "no row and no mail");
    assert_eq!(after.1 - before.1, weak_keys, "no event but those of the weak keys");

    for (scheme, endpoint) in ["token", "Token", "bearer", "Bearer"].into_iter().cycle().zip(&endpoints) {
        let credentials = format!("{scheme} {}", snyk.token);
        let answer = app.client().send(request(&app, endpoint).header(header::AUTHORIZATION, credentials)).await;
        assert!(answer.status.is_success(), "{} {}: {}", endpoint.method, endpoint.path, answer.text);
    }
}

#[tokio::test]
async fn whatever_goes_wrong_is_told_in_its_envelope() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (snyk, foreign) = (app.snyk(&acme).await, app.snyk(&other).await);
    let theirs = foreign.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
    let before = app.traces(&acme).await;
    let here = snyk.here("/invites");
    let raw = |kind: &str, body: &str| {
        snyk.request(Method::POST, &here).header(header::CONTENT_TYPE, kind).body(body.to_owned())
    };
    let body = |body: Value| raw("application/vnd.api+json", &body.to_string());
    let made_of = |email: Value, role: Value| json!({ "data": { "type": "org_invitation", "attributes": { "email": email, "role": role } } });
    let whole = snyk.invite("new@example.com");
    let with = |pointer: &str, name: &str| {
        let mut document = whole.clone();
        document.pointer_mut(pointer).unwrap()[name] = json!("x");
        body(document)
    };
    let get = |path: &str| snyk.request(Method::GET, path);
    let role = || json!(snyk.role);
    for (request, wanted) in [
        (raw("application/vnd.api+json", "{"), (400, "malformed", "")),
        (raw("application/vnd.api+json", ""), (400, "malformed", "")),
        (raw("text/plain", &whole.to_string()), (400, "content_type", "")),
        (snyk.request(Method::POST, &here).body(whole.to_string()), (400, "content_type", "")),
        (raw("application/json", &"x".repeat(70_000)), (413, "too_large", "")),
        (raw("application/json", "{}").header("content-encoding", "gzip"), (400, "content_encoding", "")),
        (body(json!([])), (400, "invalid", "")),
        (body(json!({})), (400, "invalid", "")),
        (with("", "meta"), (400, "invalid", "/meta")),
        (with("/data", "id"), (400, "invalid", "/data/id")),
        (with("/data/attributes", "name"), (400, "invalid", "/data/attributes/name")),
        (with("/data", "type"), (400, "type", "/data/type")),
        (body(made_of(json!(7), role())), (400, "invalid", "/data/attributes/email")),
        (body(made_of(json!("nobody"), role())), (400, "no_at", "/data/attributes/email")),
        (body(made_of(json!("new@example.com"), json!("member"))), (400, "invalid", "/data/attributes/role")),
        (body(made_of(json!("new@example.com"), json!(foreign.role))), (400, "unknown_role", "/data/attributes/role")),
        (body(snyk.invite(&acme.owner)), (400, "already_member", "/data/attributes/email")),
        (get("/rest/nothing"), (404, "not_found", "")),
        (get(""), (404, "not_found", "")),
        (get("/rest/orgs/x?version=2024-06-21"), (400, "path", "")),
        (get(&foreign.here("/invites")), (404, "not_found", "")),
        (get(&format!("{here}&status=pending")), (400, "query", "status")),
        (get(&format!("{here}&limit=10&limit=20")), (400, "query", "limit")),
        (snyk.request(Method::POST, &format!("{here}&limit=10")).json(&whole), (400, "query", "limit")),
        (snyk.request(Method::DELETE, &snyk.here(&format!("/invites/{theirs}"))), (404, "not_found", "")),
        (snyk.request(Method::DELETE, &snyk.here("/invites/x")), (400, "path", "")),
        (snyk.request(Method::PUT, &here), (405, "method_not_allowed", "")),
        (snyk.request(Method::from_bytes(b"PROPFIND").unwrap(), &here), (405, "method_not_allowed", "")),
    ] {
        let answer = snyk.send(request).await;
        let (status, code, source) = refusal(&answer);
        assert_eq!((status, code.as_str(), source.as_str()), wanted, "{}", answer.text);
    }
    let old = |body: &str| {
        let request = snyk.request(Method::POST, &format!("/v1/org/{}/invite", snyk.org));
        request.header(header::CONTENT_TYPE, "application/json").body(body.to_owned())
    };
    for (request, wanted) in [
        (old("{"), 400),
        (old("{}"), 400),
        (old("{\"email\":\"nobody\"}"), 400),
        (old("{\"email\":\"a@example.com\",\"isAdmin\":\"yes\"}"), 400),
        (snyk.request(Method::POST, "/v1/org/x/invite").json(&json!({ "email": "a@example.com" })), 400),
        (snyk.request(Method::POST, &format!("/v1/org/{}/invite", snyk.org)).body("{}"), 400),
        (get("/v1/nothing"), 404),
        (snyk.request(Method::DELETE, "/v1/orgs"), 405),
    ] {
        let answer = snyk.send(request).await;
        assert_eq!(old_refusal(&answer).0, wanted, "{}", answer.text);
    }
    assert_eq!(app.traces(&acme).await, before);
    for path in ["/snyk", "/snyk/", "/snyk/rest"] {
        assert_eq!(refusal(&app.client().get(path).await).0, 401, "{path}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let settings = Box::new(|settings: &mut Settings| {
        settings.api_requests_per_minute = std::num::NonZeroU32::new(1).unwrap();
    });
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let snyk = app.snyk(&acme).await;
    assert_eq!(snyk.get("/v1/orgs").await.status, 200);
    let answer = snyk.get(&snyk.here("/invites")).await;
    assert_eq!(refusal(&answer).1, "too_many_requests");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
}
