//! What is at the same address at every site.

use super::says;
use crate::harness::{Answer, Setup, TestApp};
use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use vestibule_core::service::Settings;

const SECURITY: &str = "/.well-known/security.txt";

async fn with_contact(contact: &'static str) -> TestApp {
    let settings = move |settings: &mut Settings| {
        settings.public_url = "https://join.example.org".into();
        settings.security_contact = Some(contact.into());
    };
    TestApp::with(Setup { settings: Box::new(settings), ..Setup::default() }).await
}

/// The fields, each of which must be there once (RFC 9116, 2.5).
fn fields(answer: &Answer) -> Vec<(&str, &str)> {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(answer.text.ends_with('\n'));
    answer.text.lines().map(|line| line.split_once(": ").unwrap_or_else(|| panic!("no field: {line}"))).collect()
}

fn expires(answer: &Answer) -> DateTime<Utc> {
    let (_, text) = fields(answer).into_iter().find(|(name, _)| *name == "Expires").unwrap();
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[tokio::test]
async fn who_finds_a_fault_reads_whom_to_tell() {
    for contact in ["mailto:security@example.org", "https://example.org/security"] {
        let app = with_contact(contact).await;
        let client = app.client();
        let answer = client.send(client.request(Method::GET, SECURITY).header("host", "join.example.org")).await;
        let (names, values): (Vec<_>, Vec<_>) = fields(&answer).into_iter().unzip();
        assert_eq!(names, ["Contact", "Expires", "Preferred-Languages", "Canonical"]);
        assert_eq!((values[0], values[2]), (contact, "en"));
        assert_eq!(values[3], "https://join.example.org/.well-known/security.txt");
    }
}

#[tokio::test]
async fn what_it_says_is_good_for_more_than_a_month_and_less_than_a_year_at_any_time() {
    let app = with_contact("mailto:security@example.org").await;
    for _ in 0..30 {
        let left = expires(&app.client().get(SECURITY).await) - app.vestibule.now();
        assert!(left > Duration::days(30) && left < Duration::days(365), "{left}");
        app.advance(Duration::days(29));
    }
}

#[tokio::test]
async fn where_nobody_has_said_whom_to_tell_nothing_is_there() {
    let app = TestApp::new().await;
    let answer = app.client().get(SECURITY).await;
    says(&answer, 404, "Nothing is here");
    assert!(answer.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn password_managers_are_led_to_where_a_password_is_changed() {
    let app = TestApp::new().await;
    let client = app.client();
    let answer = client.get("/.well-known/change-password").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/profile"));
    let acme = app.organization("Acme").await;
    let profile = app.client_of(&acme.session).get("/profile").await;
    assert!(profile.status == 200 && profile.text.contains("autocomplete=\"new-password\""), "{}", profile.text);
    // how they find out whether a site says 200 to everything
    let nowhere = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert_eq!(client.get(nowhere).await.status, 404);
}
