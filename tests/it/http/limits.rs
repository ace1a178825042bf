//! How much, how slowly, and by which method.

use super::says;
use crate::harness::{Answer, TestApp};
use axum::{Router, http::Request, middleware::from_fn, routing::post};
use reqwest::{Body, Method};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;
use vestibule_web::body;

async fn send(app: &TestApp, path: &str, body: impl Into<Body>, coding: &str) -> Answer {
    let client = app.client();
    let request = client.request(Method::POST, path).header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    client.send(request.header("content-encoding", coding).body(body)).await
}

#[tokio::test]
async fn a_form_larger_than_its_limit_is_refused_and_one_at_it_is_read() {
    let app = TestApp::new().await;
    let sized = |bytes: usize| format!("email={}", "x".repeat(bytes - "email=".len()));
    assert_eq!(send(&app, "/sign-in", sized(64 * 1024), "identity").await.status, 422);
    says(&send(&app, "/sign-in", sized(64 * 1024 + 1), "identity").await, 413, "This is too much at once");
    says(&send(&app, "/sign-in", sized(256 * 1024 + 1), "identity").await, 413, "This is too much at once");
}

#[tokio::test]
async fn a_body_of_unknown_length_meets_the_same_limit() {
    let app = TestApp::new().await;
    for path in ["/sign-in", "/api/anything"] {
        let chunks = futures::stream::iter((0..80).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 4_096])));
        assert_eq!(send(&app, path, Body::wrap_stream(chunks), "identity").await.status, 413, "{path}");
    }
}

#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let app = TestApp::new().await;
    assert_eq!(send(&app, "/sign-in", vec![0x1f, 0x8b, 8, 0], "gzip").await.status, 415);
}

#[tokio::test]
async fn methods_that_nothing_here_has_are_refused() {
    let app = TestApp::new().await;
    let client = app.client();
    for method in ["TRACE", "PROPFIND", "FOO"] {
        for path in ["/sign-in", "/nope", "/healthz", "/robots.txt", "/.well-known/security.txt"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(client.send(client.request(method.clone(), path)).await.status, 405, "{method} {path}");
        }
    }
    for (method, path) in [
        ("POST", "/i/x"),
        ("GET", "/accept/code"),
        ("GET", "/sign-out"),
        ("DELETE", "/accept"),
        ("POST", "/.well-known/change-password"),
    ] {
        let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), path);
        let request = request.header("sec-fetch-site", "same-origin");
        let answer = client.send(request.header("content-type", "application/x-www-form-urlencoded").body("")).await;
        says(&answer, 405, "This can’t be done here");
        assert!(!answer.header("allow").is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_slow_client_keeps_nobody_waiting() {
    let app = TestApp::new().await;
    let mut slow = tokio::net::TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nemail=";
    slow.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(app.client().get("/healthz").await.text, "ok");
    let early = tokio::time::timeout(Duration::from_millis(200), slow.read(&mut [0; 64])).await;
    assert!(early.is_err(), "answered before the body was there");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up_after_a_minute() {
    let router = Router::new().route("/", post(|| async {})).layer(from_fn(body::gather));
    let endless = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = Request::post("/").body(axum::body::Body::from_stream(endless)).unwrap();
    let started = tokio::time::Instant::now();
    assert_eq!(router.oneshot(request).await.unwrap().status(), 408);
    assert_eq!(started.elapsed().as_secs(), 60);
}
