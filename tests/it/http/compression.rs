//! Which answers are sent in fewer bytes: the portal's pages that show no secret, and nothing else.

use crate::harness::{Answer, Client, Setup, TestApp};
use axum::{Router, body::Body, http::Request, routing::get};
use reqwest::Method;
use tower::ServiceExt;
use vestibule_domain::MailFilter;
use vestibule_web::Surfaces;
use vestibule_web::compression;

/// As a browser that takes these codings. The text of the answer is what was sent, packed or not.
async fn fetch(client: &Client, path: &str, codings: &str) -> Answer {
    client.send(client.request(Method::GET, path).header("accept-encoding", codings)).await
}

#[tokio::test]
async fn the_portals_pages_are_packed_as_the_browser_likes() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let ada = app.client_of(&acme.session);
    let plain = ada.get("/o/acme/members").await;
    assert_eq!(plain.header("content-encoding"), "");
    for (codings, expected) in
        [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("zstd", "")]
    {
        let request = ada.request(Method::GET, "/o/acme/members").header("accept-encoding", codings);
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        let coding = headers.get("content-encoding").map_or("", |coding| coding.to_str().unwrap());
        assert_eq!(coding, expected, "{codings}");
        assert!(headers["vary"].to_str().unwrap().contains("accept-encoding"), "{codings}");
        for name in ["content-type", "cache-control", "x-content-type-options", "referrer-policy"] {
            assert_eq!(headers[name], plain.headers[name], "{name}");
        }
        let length = response.bytes().await.unwrap().len();
        assert!(expected.is_empty() || length * 2 < plain.text.len(), "{length} of {}", plain.text.len());
    }
}

#[tokio::test]
async fn a_packed_page_has_its_own_nonce() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let ada = app.client_of(&acme.session);
    let request = ada.request(Method::GET, "/o/acme/members").header("accept-encoding", "gzip");
    let response = request.send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = policy.split_once("'nonce-").unwrap().1.split('\'').next().unwrap().to_owned();
    let packed = response.bytes().await.unwrap();
    let mut page = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut page).unwrap();
    assert!(page.contains(&format!("nonce=\"{nonce}\"")) && page.contains("</html>"), "{nonce} in {page}");
}

#[tokio::test]
async fn pages_that_show_a_link_are_not_packed() {
    let app = TestApp::with(Setup { mailer: Some(None), ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let id = app.invites(&acme, "grace@example.com").await;
    let mail =
        app.vestibule.outbox().page(&acme.scope, &MailFilter::default(), None, 1).await.unwrap().page.items[0].id;
    let ada = app.client_of(&acme.session);
    for path in [format!("invitations/{id}"), format!("outbox/{mail}/letter")] {
        let answer = fetch(&ada, &format!("/o/acme/{path}"), "gzip, br").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, ""), "{path}");
        assert!(answer.text.contains("vst_"), "{path} shows no link, so this proves nothing");
    }
}

#[tokio::test]
async fn nothing_for_strangers_is_packed() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    app.invites(&acme, "grace@example.com").await;
    app.settle().await;
    let client = app.client();
    let link = format!("/i/{}", app.mailed_token("grace@example.com"));
    for path in
        [&link, "/accept", "/accept/decline", "/sign-in", "/forgot-password", "/choose-password", "/setup", "/nope"]
    {
        let answer = fetch(&client, path, "gzip, br").await;
        assert_eq!(answer.header("content-encoding"), "", "{path}");
    }
    assert!(fetch(&client, "/accept", "br").await.text.len() > 1024, "long enough to be worth it");
}

#[tokio::test]
async fn a_stream_of_events_is_not_held_back() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let ada = app.client_of(&acme.session);
    let feed = ada.request(Method::GET, "/o/acme/feed").header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    assert!(!feed.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn what_is_packed_already_stays_as_it_is() {
    let app = TestApp::new().await;
    let packed = || async { ([("content-encoding", "gzip"), ("content-type", "text/html")], "x".repeat(4_096)) };
    let routes = Router::new().route("/packed", compression::compressed(get(packed)));
    let options = leptos::prelude::LeptosOptions::builder().output_name("vestibule").build();
    let router = vestibule_web::wrap(
        Surfaces { pages: routes, ..Surfaces::default() },
        &app.vestibule,
        vestibule::app::public::error_page::error_page(options),
    );
    let request = Request::get("/packed").header("accept-encoding", "br, gzip").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().len(), 4_096);
}
