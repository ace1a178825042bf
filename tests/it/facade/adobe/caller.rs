//! Who gets in, and what everybody else hears: always in Adobe's words.

use super::{Console, add, refusal};
use crate::harness::{Answer, Setup, TestApp};
use reqwest::{Method, header};
use serde_json::json;
use std::num::NonZeroU32;
use vestibule_domain::{Permission, Surface};

/// Every endpoint with credentials, for this organization.
fn endpoints(org: &str) -> Vec<(Method, String)> {
    vec![
        (Method::GET, format!("/{org}/invites")),
        (Method::GET, format!("/{org}/invites/grace@example.com")),
        (Method::POST, format!("/{org}/invites/grace@example.com")),
        (Method::DELETE, format!("/{org}/invites/grace@example.com")),
        (Method::GET, format!("/organizations/{org}/invites")),
        (Method::POST, format!("/action/{org}")),
        (Method::POST, format!("/action/{org}?testOnly=true")),
        (Method::GET, format!("/users/{org}/0")),
        (Method::GET, format!("/organizations/{org}/users/ada@acme.example")),
    ]
}

/// 401 and 403 have no body, and the first has a challenge.
fn is_silent(answer: &Answer, status: u16) {
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (status, ""));
    let challenge = "Bearer realm=\"JIL\", error=\"invalid_token\", error_description=\"The access token is invalid\"";
    assert_eq!(answer.header("www-authenticate"), if status == 401 { challenge } else { "" });
    assert_eq!(answer.header("x-request-id"), "any/thing <goes>");
}

fn numbered(adobe: &Console, method: Method, path: &str) -> reqwest::RequestBuilder {
    let request = adobe.bare(method, &format!("/v2/usermanagement{path}"));
    request.header("x-request-id", "any/thing <goes>").json(&json!([add("grace@example.com", &json!({}))]))
}

#[tokio::test]
async fn without_good_credentials_nobody_gets_in_and_nothing_happens() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (adobe, stranger) = (app.adobe(&acme).await, app.adobe(&other).await);
    app.invites(&acme, "grace@example.com").await;
    let (native, native_secret) = app.key_for(&acme, Surface::Native, Permission::ALL).await;
    let (native_token, _) = app.vestibule.api_keys().access_token(&native);
    let traces = app.traces(&acme).await;
    for (method, path) in endpoints(&adobe.org) {
        let send = async |token: Option<&str>, id: Option<&str>, scheme: &str| {
            let mut request = numbered(&adobe, method.clone(), &path);
            if let Some(token) = token {
                request = request.header(header::AUTHORIZATION, format!("{scheme} {token}"));
            }
            adobe.send(if let Some(id) = id { request.header("X-Api-Key", id) } else { request }).await
        };
        let id = Some(adobe.client_id.as_str());
        is_silent(&send(None, id, "").await, 401);
        is_silent(&send(Some(&adobe.token), id, "Basic").await, 401);
        is_silent(&send(Some("mock-token"), id, "Bearer").await, 401);
        is_silent(&send(Some(&adobe.secret), id, "Bearer").await, 401);
        is_silent(&send(Some(&native_secret), id, "Bearer").await, 401);
        is_silent(
            &send(Some(native_token.as_str()), Some(&native.id.uuid().simple().to_string()), "Bearer").await,
            401,
        );
        is_silent(&send(Some(&adobe.token), None, "Bearer").await, 403);
        is_silent(&send(Some(&adobe.token), Some(&stranger.client_id), "Bearer").await, 403);
        is_silent(&send(Some(&adobe.token), Some("my-api-key"), "Bearer").await, 403);
        // another organization's client, at this organization's address
        is_silent(&send(Some(&stranger.token), Some(&stranger.client_id), "Bearer").await, 401);
    }
    assert_eq!(app.traces(&acme).await, traces);
}

#[tokio::test]
async fn an_organization_that_is_none_is_told_from_another_one() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let send = async |method: &Method, path: &str| {
        let request = numbered(&adobe, method.clone(), path).bearer_auth(&adobe.token);
        adobe.send(request.header("x-api-key", &adobe.client_id)).await
    };
    for (method, path) in endpoints("acme") {
        let answer = send(&method, &path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["result"].as_str()),
            (400, Some("error.organization.invalid_id")),
            "{path}"
        );
    }
    for (method, path) in endpoints("12345@AdobeOrg") {
        is_silent(&send(&method, &path).await, 401);
    }
    insta::assert_json_snapshot!("bad_organization", adobe.get("/acme/invites").await.json());
}

#[tokio::test]
async fn a_key_does_what_its_permissions_allow() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.invites(&acme, "grace@example.com").await;
    let reader = app.adobe_with(&acme, &[Permission::OrganizationRead, Permission::UserRead]).await;
    let nobody = app.adobe_with(&acme, &[Permission::AuditRead]).await;
    let inviter = app.adobe_with(&acme, &[Permission::UserInvite]).await;
    let traces = app.traces(&acme).await;
    for adobe in [&reader, &nobody, &inviter] {
        for (method, path) in endpoints(&adobe.org) {
            let request = numbered(adobe, method.clone(), &path).bearer_auth(&adobe.token);
            let answer = adobe.send(request.header("x-api-key", &adobe.client_id)).await;
            match method == Method::GET && adobe.client_id == reader.client_id {
                true => assert_eq!(answer.status, 200, "{path}"),
                false => is_silent(&answer, 403),
            }
        }
    }
    let remove = json!([{ "user": "grace@example.com", "do": [{ "removeFromOrg": {} }] }]);
    let half = app.adobe_with(&acme, &[Permission::UserRead, Permission::UserInvite]).await;
    assert_eq!(half.act(&remove, "").await.status, 403);
    assert_eq!(half.act(&remove, "?testOnly=true").await.status, 403);
    assert_eq!(app.traces(&acme).await.0, traces.0);
    assert_eq!(reader.invites(Method::GET, "/grace@example.com").await.status, 200);
}

#[tokio::test]
async fn a_token_ends_after_a_day_and_with_its_key() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    adobe.adds("grace@example.com").await;
    app.advance(chrono::Duration::seconds(86_398));
    assert_eq!(adobe.invites(Method::GET, "").await.status, 200);
    app.advance(chrono::Duration::seconds(1));
    assert_eq!(adobe.invites(Method::GET, "").await.status, 401);
    let adobe = app.adobe(&acme).await;
    assert_eq!(adobe.invites(Method::GET, "").await.status, 200);
    app.vestibule.api_keys().revoke(&acme.scope, adobe.key.id).await.unwrap();
    assert_eq!(adobe.invites(Method::GET, "").await.status, 401);
}

#[tokio::test]
async fn whatever_goes_wrong_is_said_in_adobes_words() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    for (method, path, code) in [
        (Method::GET, "", (404, "error.resource.not_found")),
        (Method::GET, "/", (404, "error.resource.not_found")),
        (Method::GET, "/nope", (404, "error.resource.not_found")),
        (Method::GET, "/v2", (404, "error.resource.not_found")),
        (Method::GET, "/ims/token/v9", (404, "error.resource.not_found")),
        (Method::POST, "/status", (405, "error.method.not_allowed")),
        (Method::GET, "/ims/token/v2", (405, "error.method.not_allowed")),
        (Method::from_bytes(b"FOO").unwrap(), "/ims/exchange/jwt", (405, "error.method.not_allowed")),
    ] {
        let answer = adobe.send(adobe.bare(method, path).header("x-request-id", "8/é")).await;
        assert_eq!(refusal(&answer), (code.0, code.1.into()), "{path}");
        assert_eq!(answer.headers["x-request-id"].as_bytes(), "8/é".as_bytes());
    }
    let here = format!("/{}/invites", adobe.org);
    for (method, path, code) in [
        (Method::GET, "/nope", (404, "error.resource.not_found")),
        (Method::PUT, here.as_str(), (405, "error.method.not_allowed")),
        (Method::from_bytes(b"FOO").unwrap(), here.as_str(), (405, "error.method.not_allowed")),
    ] {
        let answer = adobe.send(adobe.request(method, path)).await;
        assert_eq!(refusal(&answer), (code.0, code.1.into()), "{path}");
        assert!(!answer.header("x-request-id").is_empty());
    }
    let action = format!("/action/{}", adobe.org);
    let large = adobe
        .request(Method::POST, &action)
        .header("content-type", "application/json")
        .body("x".repeat(256 * 1024 + 1));
    let answer = adobe.send(large).await;
    assert_eq!(refusal(&answer), (413, "error.request.too_large".into()));
    let packed = adobe.request(Method::POST, &action).header("content-encoding", "gzip").body("x");
    assert_eq!(refusal(&adobe.send(packed).await), (415, "error.request.content_type".into()));
    insta::assert_json_snapshot!("no_route", adobe.get("/nope").await.json());
}

#[tokio::test]
async fn who_asks_too_often_is_told_how_long_to_wait() {
    let settings: Box<dyn FnOnce(&mut vestibule_core::service::Settings) + Send> =
        Box::new(|settings| settings.api_requests_per_minute = NonZeroU32::new(2).unwrap());
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    for _ in 0..2 {
        assert_eq!(adobe.invites(Method::GET, "").await.status, 404);
    }
    let answer = adobe.invites(Method::GET, "").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (429, "application/json"));
    assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    insta::assert_json_snapshot!("too_many", answer.json());
}

#[tokio::test]
async fn anybody_may_ask_whether_it_lives() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    let answer = adobe.send(adobe.bare(Method::GET, "/status").header("x-request-id", "x")).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-request-id")), (200, "x"));
    insta::assert_json_snapshot!("status", answer.json());
}

#[tokio::test]
async fn it_has_a_host_name_of_its_own_where_it_is_given_one() {
    let settings: Box<dyn FnOnce(&mut vestibule_core::service::Settings) + Send> =
        Box::new(|settings| _ = settings.facade_hosts.insert(Surface::Adobe, "umapi.acme.example".into()));
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    adobe.adds("grace@example.com").await;
    let client = app.client();
    let send = async |path: &str| {
        let request = client.request(Method::GET, path).header("host", "UMAPI.acme.example:443");
        client.send(request.bearer_auth(&adobe.token).header("x-api-key", &adobe.client_id)).await
    };
    assert_eq!(
        send(&format!("/v2/usermanagement/{}/invites", adobe.org)).await.json()[0]["email"],
        "grace@example.com"
    );
    assert_eq!(send("/status").await.json()["state"], "LIVE");
    assert_eq!(refusal(&send("/adobe/status").await).0, 404);
    assert_eq!(refusal(&send("/sign-in").await).0, 404);
}
