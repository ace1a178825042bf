//! A facade at the root of a host name of its own.

use crate::harness::{Setup, TestApp};
use reqwest::{Method, header};
use vestibule::domain::Surface;
use vestibule::service::Settings;

async fn with_hosts() -> TestApp {
    let settings = Box::new(|settings: &mut Settings| {
        settings.facade_hosts.insert(Surface::Clerk, "clerk.invites.example".into());
    });
    TestApp::with(Setup { settings, ..Setup::default() }).await
}

#[tokio::test]
async fn a_facade_answers_at_its_host_and_below_its_path() {
    let app = with_hosts().await;
    let acme = app.organization("Acme").await;
    let clerk = app.clerk(&acme).await;
    let ask = async |host: &str, path: &str| {
        let request = app.client().request(Method::GET, path).header(header::HOST, host).bearer_auth(&clerk.token);
        app.client().send(request).await
    };
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
