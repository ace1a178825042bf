//! Every endpoint, from no credentials up to success.

use super::{Backend, refusal};
use crate::harness::{Acme, TestApp};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use vestibule_domain::{Permission, Surface};

/// An endpoint: its method, its path, a body that it takes, and the permission that it needs.
struct Endpoint {
    method: Method,
    path: String,
    body: Option<Value>,
    permission: Permission,
}

/// All of them. Those that close something have an invitation of their own.
async fn endpoints(clerk: &Backend) -> Vec<Endpoint> {
    let made = clerk.invites("first@example.com").await["id"].as_str().unwrap().to_owned();
    let other = clerk.invites("second@example.com").await["id"].as_str().unwrap().replace("orginv_", "inv_");
    let new = |n: u32| json!({ "email_address": format!("new{n}@example.com"), "role": "org:member" });
    let app = |n: u32| json!({ "email_address": format!("app{n}@example.com") });
    let read = |path: String| Endpoint { method: Method::GET, path, body: None, permission: Permission::UserRead };
    let write = |path: String, body: Option<Value>| Endpoint {
        method: Method::POST,
        path,
        body,
        permission: Permission::UserInvite,
    };
    vec![
        read(clerk.here("")),
        read(clerk.here("/pending")),
        read(clerk.here(&format!("/{made}"))),
        read("/organization_invitations".into()),
        read(format!("/users/{}/organization_invitations", clerk.owner)),
        read("/invitations".into()),
        write(clerk.here(""), Some(new(1))),
        write(clerk.here("/bulk"), Some(json!([new(2), new(3)]))),
        write(clerk.here(&format!("/{made}/revoke")), Some(json!({ "requesting_user_id": clerk.owner }))),
        write("/invitations".into(), Some(app(1))),
        write("/invitations/bulk".into(), Some(json!([app(2), app(3)]))),
        write(format!("/invitations/{other}/revoke"), None),
    ]
}

impl Endpoint {
    fn with(&self, token: Option<&str>, app: &TestApp) -> reqwest::RequestBuilder {
        let request = app.client().request(self.method.clone(), &format!("/clerk/v1{}", self.path));
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        self.body.iter().fold(request, reqwest::RequestBuilder::json)
    }

    async fn refused(&self, request: reqwest::RequestBuilder, app: &TestApp, wanted: (u16, &str)) {
        let answer = app.client().send(request).await;
        let (status, code) = refusal(&answer);
        assert_eq!((status, code.as_str()), wanted, "{} {}: {}", self.method, self.path, answer.text);
    }
}

async fn acme_and_other(app: &TestApp) -> (Acme, Acme) {
    (app.organization("Acme").await, app.organization("Other").await)
}

#[tokio::test]
async fn nobody_gets_in_without_a_key_for_it() {
    let app = TestApp::new().await;
    let (acme, other) = acme_and_other(&app).await;
    let (clerk, foreign) = (app.clerk(&acme).await, app.clerk(&other).await);
    let (_, native) = app.key_for(&acme, Surface::Native, Permission::ALL).await;
    let (_, adobe) = app.key_for(&acme, Surface::Adobe, Permission::ALL).await;
    let endpoints = endpoints(&clerk).await;
    let before = (app.traces(&acme).await, app.traces(&other).await);
    for endpoint in &endpoints {
        let no_header = (401, "authorization_header_format_invalid");
        endpoint.refused(endpoint.with(None, &app), &app, no_header).await;
        let basic = endpoint.with(None, &app).basic_auth(&clerk.token, Some(""));
        endpoint.refused(basic, &app, no_header).await;
        let in_query = format!("/clerk/v1{}?key={token}&secret_key={token}", endpoint.path, token = clerk.token);
        endpoint.refused(app.client().request(endpoint.method.clone(), &in_query), &app, no_header).await;
        for token in ["sk_test_x", &native, &adobe] {
            endpoint.refused(endpoint.with(Some(token), &app), &app, (401, "clerk_key_invalid")).await;
        }
        if endpoint.path.starts_with("/organizations/") {
            let wanted = (404, "resource_not_found");
            endpoint.refused(endpoint.with(Some(&foreign.token), &app), &app, wanted).await;
        }
        let others: Vec<Permission> =
            Permission::ALL.iter().copied().filter(|one| *one != endpoint.permission).collect();
        let weak = app.clerk_with(&acme, &others).await.token;
        endpoint.refused(endpoint.with(Some(&weak), &app), &app, (403, "missing_organization_permission")).await;
    }
    let after = (app.traces(&acme).await, app.traces(&other).await);
    assert_eq!((before.0.0, before.0.2, before.1), (after.0.0, after.0.2, after.1), "no row and no mail");
    assert_eq!(after.0.1 - before.0.1, endpoints.len(), "no event but those of the weak keys");
}

#[tokio::test]
async fn a_key_for_this_is_none_for_the_api() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let request = app.client().request(Method::GET, "/api/v1/organizations/acme").bearer_auth(&clerk.token);
    assert_eq!(app.client().send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ids_of_another_organization_are_as_missing_as_none() {
    let app = TestApp::new().await;
    let (acme, other) = acme_and_other(&app).await;
    let (clerk, foreign) = (app.clerk(&acme).await, app.clerk(&other).await);
    let theirs = foreign.invites("grace@example.com").await["id"].as_str().unwrap().to_owned();
    let before = app.traces(&other).await;
    let mut texts = Vec::new();
    for id in [theirs.as_str(), "orginv_00000000000000000000000000000000", "orginv_x", "x"] {
        let read = clerk.get(&clerk.here(&format!("/{id}"))).await;
        let revoke = clerk.post(&clerk.here(&format!("/{id}/revoke")), &json!({})).await;
        assert_eq!(refusal(&read), (404, "organization_invitation_not_found".into()));
        assert_eq!(refusal(&revoke), (404, "organization_invitation_not_found".into()));
        let plain = clerk.post(&format!("/invitations/{}/revoke", id.replace("orginv_", "inv_")), &json!({})).await;
        assert_eq!(refusal(&plain), (404, "resource_not_found".into()));
        texts.push((read.text, revoke.text, plain.text));
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "to the byte: {texts:?}");
    let user = format!("/users/{}/organization_invitations", foreign.owner);
    let unknown = clerk.get("/users/user_00000000000000000000000000000000/organization_invitations").await;
    assert_eq!(clerk.get(&user).await.text, unknown.text);
    assert_eq!(refusal(&unknown), (404, "resource_not_found".into()));
    assert_eq!(app.traces(&other).await, before);
}

#[tokio::test]
async fn whatever_goes_wrong_is_told_in_clerks_words() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let before = app.traces(&acme).await;
    let here = clerk.here("");
    let raw = |method: Method, path: &str, kind: &str, body: &str| {
        clerk.request(method, path).header(header::CONTENT_TYPE, kind).body(body.to_owned())
    };
    let json = "application/json";
    let post = |body: &str| raw(Method::POST, &here, json, body);
    let huge = format!("{{\"email_address\":\"{}\"}}", "x".repeat(300_000));
    for (request, wanted) in [
        (post("{"), (400, "request_body_invalid")),
        (post("{} {}"), (400, "request_body_invalid")),
        (post("\u{0}"), (400, "request_body_invalid")),
        (post("[]"), (422, "form_param_value_invalid")),
        (post("\"x\""), (422, "form_param_value_invalid")),
        (post(""), (422, "form_param_value_invalid")),
        (post("{}"), (422, "form_param_missing")),
        (post(&huge), (413, "request_body_too_large")),
        (raw(Method::POST, &here, "text/plain", "{}"), (415, "unsupported_content_type")),
        (raw(Method::POST, &here, "application/x-www-form-urlencoded", "a=b"), (415, "unsupported_content_type")),
        (post("{}").header(header::CONTENT_ENCODING, "gzip"), (415, "unsupported_content_type")),
        (clerk.request(Method::GET, "/nothing"), (404, "resource_not_found")),
        (clerk.request(Method::GET, ""), (404, "resource_not_found")),
        (clerk.request(Method::PUT, &here), (405, "method_not_allowed")),
        (clerk.request(Method::DELETE, "/invitations"), (405, "method_not_allowed")),
        (clerk.request(Method::from_bytes(b"PROPFIND").unwrap(), &here), (405, "method_not_allowed")),
        (app.client().request(Method::GET, "/clerk"), (404, "resource_not_found")),
        (app.client().request(Method::GET, "/clerk/"), (404, "resource_not_found")),
        (app.client().request(Method::POST, "/clerk/v2/invitations"), (404, "resource_not_found")),
        (app.client().request(Method::POST, "/clerk/v1/tickets/accept"), (405, "method_not_allowed")),
        (clerk.request(Method::GET, &format!("{here}?status=%ff")), (400, "malformed_request_parameters")),
        (clerk.request(Method::GET, &format!("{here}?limit=ten")), (400, "malformed_request_parameters")),
        (clerk.request(Method::GET, &format!("{here}?limit=0")), (422, "form_param_value_invalid")),
        (clerk.request(Method::GET, &format!("{here}?limit=501")), (422, "form_param_value_invalid")),
        (clerk.request(Method::GET, &format!("{here}?offset=-1")), (422, "form_param_value_invalid")),
        (clerk.request(Method::GET, &format!("{here}?status=open")), (422, "form_param_value_invalid")),
        (clerk.request(Method::GET, &format!("{here}?order_by=expires_at")), (422, "form_param_value_invalid")),
    ] {
        let answer = clerk.send(request).await;
        let (status, code) = refusal(&answer);
        assert_eq!((status, code.as_str()), wanted, "{}", answer.text);
    }
    assert_eq!(app.traces(&acme).await, before);
}
