//! Signing in and out, and what a session is worth.

use super::{says, seen};
use crate::harness::{Acme, Answer, Client, PASSWORD, Setup, TestApp};
use chrono::Duration;
use reqwest::Method;
use vestibule_core::service::Settings;

const SESSION: &str = "__Host-vst_sid";

async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/sign-in", &[("email", email), ("password", password)]).await
}

/// Ada with a session that the sign-in page gave her.
async fn ada(app: &TestApp) -> (Acme, Client) {
    let acme = app.organization("Acme").await;
    let client = app.client();
    assert_eq!(sign_in(&client, &acme.owner, PASSWORD).await.location(), "/");
    (acme, client)
}

async fn is_signed_in(client: &Client) -> bool {
    match client.get("/").await.location() {
        "/sign-in" => false,
        "/o/acme/invitations" => true,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_session_cookie_has_every_flag() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let answer = sign_in(&app.client(), &acme.owner, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    let (name, rest) = cookie.split_once('=').unwrap();
    let (value, flags) = rest.split_once("; ").unwrap();
    assert_eq!((name, flags), (SESSION, "Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"));
    assert!(value.len() >= 43, "{cookie}");
}

#[tokio::test]
async fn over_plain_http_on_a_network_the_cookie_is_one_that_browsers_keep() {
    let settings = |settings: &mut Settings| settings.public_url = "http://invite.lan".into();
    let app = TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let answer = sign_in(&app.client(), &acme.owner, PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("vst_sid=") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn signing_in_makes_a_new_session_and_ends_the_one_before() {
    let app = TestApp::new().await;
    let (acme, client) = ada(&app).await;
    let before = client.cookie(SESSION).unwrap();
    assert_eq!(sign_in(&client, &acme.owner, PASSWORD).await.status, 303);
    assert_ne!(client.cookie(SESSION).unwrap(), before);
    client.set_cookie(SESSION, &before);
    assert!(!is_signed_in(&client).await);
    client.set_cookie(SESSION, "chosen-by-somebody-else");
    sign_in(&client, &acme.owner, PASSWORD).await;
    assert_ne!(client.cookie(SESSION).unwrap(), "chosen-by-somebody-else");
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_empties_the_browser() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    let cookie = client.cookie(SESSION).unwrap();
    let answer = client.post("/sign-out", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/sign-in"));
    assert_eq!(answer.header("clear-site-data"), r#""cache", "cookies", "storage""#);
    assert_eq!(client.cookie(SESSION), None);
    client.set_cookie(SESSION, &cookie);
    assert!(!is_signed_in(&client).await);
    assert_eq!(app.client().post("/sign-out", &[]).await.status, 303, "signed out already");
}

#[tokio::test]
async fn looking_at_the_way_out_does_not_sign_out() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    says(&client.get("/sign-out").await, 405, "This can’t be done here");
    assert!(is_signed_in(&client).await);
}

#[tokio::test]
async fn an_idle_session_ends_after_eight_hours() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    app.advance(Duration::hours(8));
    assert!(is_signed_in(&client).await);
    app.advance(Duration::hours(8) + Duration::seconds(1));
    assert!(!is_signed_in(&client).await);
}

#[tokio::test]
async fn a_busy_session_ends_after_seven_days() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    for _ in 0..23 {
        app.advance(Duration::hours(7));
        assert!(is_signed_in(&client).await);
    }
    app.advance(Duration::hours(7) - Duration::microseconds(1));
    assert!(is_signed_in(&client).await);
    app.advance(Duration::microseconds(1));
    assert!(!is_signed_in(&client).await);
}

#[tokio::test]
async fn an_unknown_address_is_answered_like_a_wrong_password() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    // of the same length, since what was typed is shown again
    let unknown = acme.owner.replace("ada@", "eve@");
    let wrong = sign_in(&app.client(), &acme.owner, "not the password").await;
    says(&wrong, 422, "That email address and password don’t match");
    assert!(!wrong.text.contains("not the password"));
    let wrong = seen(wrong);
    let missing = seen(sign_in(&app.client(), &unknown, "not the password").await);
    assert_eq!((wrong.0, &wrong.1), (missing.0, &missing.1));
    assert_eq!(wrong.2.replace(&acme.owner, ""), missing.2.replace(&unknown, ""));
    for nonsense in ["", "no address", "a@b,c"] {
        says(&sign_in(&app.client(), nonsense, "x").await, 422, "That email address and password don’t match");
    }
    assert_eq!(sign_in(&app.client(), &acme.owner, &format!("{PASSWORD} ")).await.status, 422, "every byte counts");
}

#[tokio::test]
async fn guessing_one_password_is_slowed_where_it_comes_from_and_nowhere_else() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    for _ in 0..10 {
        assert_eq!(sign_in_from(&app, "203.0.113.7", &acme.owner, "not the password").await.status, 422);
    }
    let answer = sign_in_from(&app, "203.0.113.7", &acme.owner, PASSWORD).await;
    says(&answer, 429, "Too many attempts");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(sign_in_from(&app, "203.0.113.8", &acme.owner, PASSWORD).await.status, 303);
}

#[tokio::test]
async fn one_password_tried_on_many_accounts_is_slowed_too() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    for n in 0..30 {
        let email = format!("person{n}@acme.example");
        assert_eq!(sign_in_from(&app, "203.0.113.7", &email, PASSWORD).await.status, 422);
    }
    assert_eq!(sign_in_from(&app, "203.0.113.7", "one-more@acme.example", PASSWORD).await.status, 429);
    assert_eq!(sign_in_from(&app, "203.0.113.8", &acme.owner, PASSWORD).await.status, 303);
    app.advance(Duration::seconds(20));
    assert_eq!(sign_in_from(&app, "203.0.113.7", &acme.owner, PASSWORD).await.status, 303);
}

async fn behind_a_proxy() -> TestApp {
    let settings = |settings: &mut Settings| settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await
}

async fn sign_in_from(app: &TestApp, ip: &str, email: &str, password: &str) -> Answer {
    let client = app.client();
    let request = client.request(Method::POST, "/sign-in").header("sec-fetch-site", "same-origin");
    client.send(request.header("x-forwarded-for", ip).form(&[("email", email), ("password", password)])).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_that_would_wait_long_are_turned_away_and_told_when_to_come_again() {
    let app = behind_a_proxy().await;
    let acme = app.organization("Acme").await;
    let crowd = (0..300).map(|n| {
        let (app, ip, email) = (&app, format!("198.18.{}.{}", n / 250, n % 250), format!("person{n}@acme.example"));
        async move { sign_in_from(app, &ip, &email, PASSWORD).await }
    });
    let answers = futures::future::join_all(crowd).await;
    let busy: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && answers.iter().all(|answer| [422, 503].contains(&answer.status.as_u16())));
    says(busy[0], 503, "Too busy right now");
    assert_eq!(busy[0].header("retry-after"), "2");
    assert_eq!(sign_in_from(&app, "203.0.113.8", &acme.owner, PASSWORD).await.status, 303, "the queue is short again");
}
