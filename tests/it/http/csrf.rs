//! No other site acts in a visitor's name.

use super::says;
use crate::harness::{Acme, Answer, Client, PASSWORD, TestApp};
use reqwest::Method;

/// What a browser can change, and where programs call.
const POSTS: [&str; 11] = [
    "/sign-in",
    "/sign-out",
    "/forgot-password",
    "/choose-password",
    "/setup",
    "/accept",
    "/accept/sign-in",
    "/accept/code",
    "/accept/decline",
    "/o/acme/invitations",
    "/api/anything",
];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn ada(app: &TestApp) -> (Acme, Client) {
    let acme = app.organization("Acme").await;
    let client = app.client_of(&acme.session);
    (acme, client)
}

async fn post(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::POST, path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.send(request.body("")).await
}

#[tokio::test]
async fn what_comes_from_elsewhere_is_refused() {
    let app = TestApp::new().await;
    let (acme, client) = ada(&app).await;
    let port = format!("{}:1", app.url.rsplit_once(':').unwrap().0);
    let https = app.url.replace("http:", "https:");
    let longer = format!("{}.evil.tld", app.url);
    for path in POSTS {
        for site in ["cross-site", "same-site", "none", ""] {
            let answer = post(&client, path, &[FORM, ("sec-fetch-site", site), ("origin", &app.url)]).await;
            assert_eq!(answer.status, 403, "{path} from {site}");
        }
        for origin in ["https://evil.example", "null", &longer, &port, &https] {
            assert_eq!(post(&client, path, &[FORM, ("origin", origin)]).await.status, 403, "{path} from {origin}");
        }
        assert_eq!(post(&client, path, &[FORM]).await.status, 403, "{path} with a cookie from nowhere");
    }
    says(&post(&client, "/sign-out", &[FORM]).await, 403, "This came from another site");
    assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_some(), "still signed in");
}

#[tokio::test]
async fn a_page_that_sends_no_referrer_still_works() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    let sent = [FORM, ("sec-fetch-site", "same-origin"), ("origin", "null")];
    assert_eq!(post(&client, "/sign-out", &sent).await.status, 303);
}

#[tokio::test]
async fn an_older_browser_is_known_by_its_origin() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    assert_eq!(post(&client, "/sign-out", &[FORM, ("origin", &app.url)]).await.status, 303);
}

#[tokio::test]
async fn only_the_content_types_of_our_own_forms_are_read() {
    let app = TestApp::new().await;
    let (acme, client) = ada(&app).await;
    let here = ("sec-fetch-site", "same-origin");
    for path in POSTS {
        for kind in ["text/plain", "application/json, text/plain", "multipart/form-data; boundary=x", "text/json"] {
            assert_eq!(post(&client, path, &[here, ("content-type", kind)]).await.status, 415, "{path} {kind}");
        }
        assert_eq!(post(&client, path, &[here]).await.status, 415, "{path} without");
    }
    assert_eq!(post(&client, "/sign-out", &[here, ("content-type", "application/json")]).await.status, 415);
    assert!(app.vestibule.sessions().get(acme.session.as_str()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_unknown_call_is_answered_without_a_lecture() {
    let app = TestApp::new().await;
    let (_, client) = ada(&app).await;
    for path in ["/api/nope", "/api/", "/api/invite0000"] {
        let answer = client.post(path, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (404, "application/json"), "{path}");
        let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(body["code"], "missing");
    }
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    for next in ["https://evil.example/x", "//evil.example", "/\\evil.example", "/\r\nx: y", "javascript:evil.example"]
    {
        let fields = [("email", acme.owner.as_str()), ("password", PASSWORD), ("next", next)];
        assert_eq!(app.client().post("/sign-in", &fields).await.location(), "/", "{next:?}");
        let query = next.replace('\r', "%0d").replace('\n', "%0a").replace('\\', "%5c");
        let page = app.client().get(&format!("/sign-in?next={query}")).await;
        assert!(!page.text.contains("evil.example"), "{}", page.text);
    }
}
