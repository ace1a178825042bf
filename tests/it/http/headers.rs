//! What browsers are told, with every response.

use crate::harness::{Answer, Setup, TestApp};
use reqwest::Method;
use std::collections::BTreeSet;
use vestibule_core::service::Settings;

const STRANGERS: [&str; 16] = [
    "/",
    "/sign-in",
    "/setup",
    "/forgot-password",
    "/choose-password",
    "/accept",
    "/organizations",
    "/nope",
    "/i/vst_wrong",
    "/robots.txt",
    "/.well-known/security.txt",
    "/.well-known/change-password",
    "/pkg/none/x.css",
    "/healthz",
    "/readyz",
    "/o/acme/invitations",
];

/// A response of every kind that there is.
async fn everything(app: &TestApp) -> Vec<(String, Answer)> {
    let acme = app.organization("Acme").await;
    app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    let link = format!("/i/{}", app.mailed_token("grace@example.com"));
    let (stranger, ada, grace) = (app.client(), app.client_of(&acme.session), app.client());
    let mut answers = Vec::new();
    for path in STRANGERS {
        answers.push((path.to_owned(), stranger.get(path).await));
    }
    for path in ["/", "/organizations", "/sign-in", "/o/acme/invitations", "/o/nobody/invitations", "/o/acme/nope"] {
        answers.push((format!("Ada's {path}"), ada.get(path).await));
    }
    for path in [&link, "/accept", "/accept/decline"] {
        answers.push((format!("Grace's {path}"), grace.get(path).await));
    }
    for method in ["PUT", "TRACE", "PROPFIND", "OPTIONS", "HEAD"] {
        let request = stranger.request(Method::from_bytes(method.as_bytes()).unwrap(), "/sign-in");
        answers.push((method.to_owned(), stranger.send(request).await));
    }
    answers.push(("too large".into(), stranger.post("/sign-in", &[("email", &"x".repeat(70_000))]).await));
    answers.push(("a form with errors".into(), grace.post("/accept", &[]).await));
    answers.push(("forged".into(), ada.send(ada.request(Method::POST, "/sign-out").body("")).await));
    answers.push(("a function".into(), ada.post("/api/nope", &[]).await));
    for _ in 0..25 {
        answers.push(("too many /i/".into(), stranger.get("/i/vst_wrong").await));
    }
    answers
}

#[tokio::test]
async fn every_response_carries_them() {
    let app = TestApp::new().await;
    let answers = everything(&app).await;
    for (what, answer) in &answers {
        check(answer, what);
    }
    let statuses: BTreeSet<u16> = answers.iter().map(|(_, answer)| answer.status.as_u16()).collect();
    for status in [200, 303, 403, 404, 405, 413, 422, 429] {
        assert!(statuses.contains(&status), "{status} not among {statuses:?}");
    }
}

fn check(answer: &Answer, what: &str) {
    let is = |name: &str, value: &str| assert_eq!(answer.header(name), value, "{name} of {what}");
    is("x-content-type-options", "nosniff");
    is("cross-origin-opener-policy", "same-origin");
    is("cross-origin-resource-policy", "same-origin");
    is("permissions-policy", "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)");
    for name in ["server", "x-powered-by", "access-control-allow-origin", "strict-transport-security"] {
        is(name, "");
    }
    let policy = answer.header("content-security-policy");
    for part in ["default-src", "form-action", "frame-ancestors", "base-uri", "object-src"] {
        assert!(policy.contains(&format!("{part} '")), "{part} in {policy} of {what}");
    }
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'),
        "{policy}"
    );
    assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1, "{what}");
    assert!(answer.header("x-request-id").len() >= 8, "{what}");
}

#[tokio::test]
async fn nothing_dynamic_is_stored_and_links_send_no_referrer() {
    let app = TestApp::new().await;
    for (what, answer) in everything(&app).await {
        if !what.contains("robots.txt") {
            assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        }
        let quiet = what.contains("/i/") || what == "/setup";
        assert_eq!(answer.header("referrer-policy"), if quiet { "no-referrer" } else { "same-origin" }, "{what}");
    }
}

#[tokio::test]
async fn public_pages_run_no_scripts_and_load_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    let client = app.client();
    client.get(&format!("/i/{}", app.mailed_token("grace@example.com"))).await;
    for path in ["/accept", "/accept/decline", "/sign-in", "/forgot-password"] {
        let answer = client.get(path).await;
        assert!(!answer.header("content-security-policy").contains("script-src"), "{path}");
        for mark in ["<script", "style=", "onclick", "http://", "https://", "src="] {
            assert!(!answer.text.contains(mark), "{mark} on {path}: {}", answer.text);
        }
    }
}

/// One that came twice would let a page that somebody has seen run scripts in the next.
#[tokio::test]
async fn a_thousand_pages_have_a_thousand_nonces() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let ada = app.client_of(&acme.session);
    let mut nonces = BTreeSet::new();
    for _ in 0..1_000 {
        let page = ada.get("/o/acme/members/leave").await;
        let (_, rest) = page.header("content-security-policy").split_once("'nonce-").unwrap();
        let nonce = rest.split('\'').next().unwrap().to_owned();
        assert!(page.text.contains(&format!("<script nonce=\"{nonce}\"")), "{nonce} in {}", page.text);
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 1_000);
}

#[tokio::test]
async fn transport_security_is_for_https_only_and_then_hosts_are_checked() {
    let settings = |settings: &mut Settings| settings.public_url = "https://app.example".into();
    let app = TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await;
    let with = async |host: &str, path: &str| {
        let client = app.client();
        client.send(client.request(Method::GET, path).header("host", host)).await
    };
    let answer = with("app.example", "/sign-in").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
    assert_eq!(with("localhost:3000", "/sign-in").await.status, 200);
    for host in ["evil.example", "app.example.evil.tld", "app.example:444"] {
        assert_eq!(with(host, "/sign-in").await.status, 421, "{host}");
        assert_eq!(with(host, "/healthz").await.status, 200, "{host}");
    }
}
