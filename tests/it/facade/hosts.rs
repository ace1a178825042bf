//! A facade at the root of a host name of its own.

use crate::harness::{Answer, Setup, TestApp};
use reqwest::{Method, header};
use vestibule_core::service::Settings;
use vestibule_domain::Surface;

/// The facades, their hosts, something at the root of each, and how each calls the body with which it asks for
/// credentials.
const HOSTS: [(Surface, &str, &str, &str); 5] = [
    (Surface::Adobe, "adobe.invites.example", "/v2/usermanagement/users/acme/0", ""),
    (Surface::AppStoreConnect, "apps.invites.example", "/v1/userInvitations", "application/json"),
    (Surface::Clerk, "clerk.invites.example", "/v1/invitations", "application/json"),
    (Surface::ClickHouse, "cloud.invites.example", "/v1/organizations", "application/json"),
    (Surface::Snyk, "snyk.invites.example", "/rest/orgs?version=2024-06-21", "application/vnd.api+json"),
];

async fn with_hosts() -> TestApp {
    let settings = Box::new(|settings: &mut Settings| {
        settings.facade_hosts = HOSTS.map(|(surface, host, ..)| (surface, host.to_owned())).into();
    });
    TestApp::with(Setup { settings, ..Setup::default() }).await
}

/// Asks this host, with what stands for credentials there; without where it is empty.
async fn ask(app: &TestApp, host: &str, path: &str, authorization: &str) -> Answer {
    let request = app.client().request(Method::GET, path).header(header::HOST, host);
    let request = if authorization.is_empty() { request } else { request.header(header::AUTHORIZATION, authorization) };
    app.client().send(request).await
}

#[tokio::test]
async fn a_facade_answers_at_its_host_and_below_its_path() {
    let app = with_hosts().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let key = format!("Bearer {}", clerk.token);
    let ask = async |host, path| ask(&app, host, path, &key).await;
    for host in ["clerk.invites.example", "CLERK.invites.example", "clerk.invites.example:8443"] {
        assert_eq!(ask(host, "/v1/invitations").await.text, "[]", "{host}");
        let missing = ask(host, "/sign-in").await;
        assert_eq!((missing.status.as_u16(), missing.header("content-type")), (404, "application/json"), "{host}");
        assert_eq!(ask(host, "/healthz").await.status, 404, "nothing but the facade is there");
        assert!(!missing.header("x-request-id").is_empty() && missing.header("cache-control") == "no-store");
    }
    assert_eq!(ask("127.0.0.1", "/clerk/v1/invitations").await.text, "[]");
    assert_eq!(ask("127.0.0.1", "/v1/invitations").await.status, 404);
    assert_eq!(ask("127.0.0.1", "/sign-in").await.status, 200, "the portal stays where it is");
    assert_eq!(ask("evil.clerk.invites.example", "/v1/invitations").await.status, 404);
}

#[tokio::test]
async fn each_facade_can_have_one_and_answers_there_as_its_vendor_does() {
    let app = with_hosts().await;
    for (surface, host, path, body) in HOSTS {
        let ask = async |path| {
            let answer = ask(&app, host, path, "").await;
            (answer.status.as_u16(), answer.header("content-type").to_owned())
        };
        assert_eq!(ask(path).await, (401, body.to_owned()), "{surface:?}");
        let (status, kind) = ask("/sign-in").await;
        assert!([401, 404].contains(&status) && !kind.starts_with("text/html"), "{surface:?}: {status} {kind}");
    }
}

#[tokio::test]
async fn links_lead_to_the_host() {
    let app = with_hosts().await;
    let acme = app.organization("Acme").await;
    let (store, snyk) = (app.asc(&acme).await, app.snyk(&acme).await);
    let apps = ask(&app, "apps.invites.example", "/v1/apps", &format!("Bearer {}", store.token())).await;
    assert_eq!(apps.status, 200, "{}", apps.text);
    assert_eq!(apps.json()["links"]["self"], "http://apps.invites.example/v1/apps");
    let authorization = format!("token {}", snyk.token);
    let orgs = ask(&app, "snyk.invites.example", "/rest/orgs?version=2024-06-21", &authorization).await;
    assert_eq!(orgs.status, 200, "{}", orgs.text);
    assert_eq!(
        orgs.json()["links"]["self"],
        "/orgs?version=2024-06-21",
        "as Snyk has it: below the address of its API"
    );
}
