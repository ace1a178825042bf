//! The list of invites: its pages and orders, and what one looks like.

use super::{add, refusal};
use crate::harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

fn emails(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|invite| invite["email"].as_str().unwrap()).collect()
}

both! {
    async fn they_are_sorted_as_asked(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        for email in ["b@example.com", "a.z@example.com", "c@example.com", "a1@example.com"] {
            adobe.adds(email).await;
            app.advance(chrono::Duration::seconds(1));
        }
        adobe.invites(Method::POST, "/b@example.com").await;
        for (query, order) in [
            ("", ["b", "a1", "c", "a.z"]),
            ("?sortOrder=ASC", ["a.z", "c", "a1", "b"]),
            ("?sortColumn=LAST_SENT_DTS&sortOrder=DESC", ["b", "a1", "c", "a.z"]),
            ("/?sortColumn=EMAIL&sortOrder=ASC&page=0&includeExpired=FALSE", ["a.z", "a1", "b", "c"]),
            ("?sortColumn=EMAIL", ["c", "b", "a1", "a.z"]),
        ] {
            let list = adobe.invites(Method::GET, query).await.json();
            let names: Vec<_> = emails(&list).iter().map(|email| email.split('@').next().unwrap().to_owned()).collect();
            assert_eq!(names, order, "{query}");
        }
    }

    async fn two_hundred_are_a_page(app) {
        let acme = app.organization("Acme").await;
        let adobe = app.adobe(&acme).await;
        let rows: Vec<String> = (0..201).map(|n| format!("p{n:03}@example.com")).collect();
        app.vestibule.invitations().invite(&acme.scope, &app.invite(&acme, &rows.join("\n"), "member").await).await.unwrap();
        let mut seen = Vec::new();
        for (page, count) in [(0, 200), (1, 1)] {
            let answer = adobe.invites(Method::GET, &format!("?sortColumn=EMAIL&sortOrder=ASC&page={page}")).await;
            let list = answer.json();
            assert_eq!(emails(&list).len(), count);
            seen.extend(emails(&list).into_iter().map(str::to_owned));
            let headers = ["x-total-count", "x-page-count", "x-current-page", "x-page-size"].map(|name| answer.header(name));
            assert_eq!(headers, ["201", "2", if page == 0 { "0" } else { "1" }, "200"]);
        }
        assert_eq!(seen, rows);
        for page in ["2", "4294967295"] {
            let answer = adobe.invites(Method::GET, &format!("?page={page}")).await;
            assert_eq!(refusal(&answer), (404, "invites.pending.not_found".into()), "{page}");
        }
    }
}

#[tokio::test]
async fn an_invite_looks_like_this() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    adobe.adds("Grace@example.com").await;
    app.advance(chrono::Duration::seconds(1));
    app.invites(&acme, "alan@example.com").await;
    let list = adobe.invites(Method::GET, "").await;
    assert_eq!(list.header("content-type"), "application/json");
    insta::assert_json_snapshot!("invites", adobe.masked(&acme, &list.json()));
    let none = adobe.invites(Method::GET, "/nobody@example.com").await;
    insta::assert_json_snapshot!("no_invite", none.json());
    let sent = adobe.invites(Method::POST, "/alan@example.com").await;
    insta::assert_json_snapshot!("success", sent.json());
}

#[tokio::test]
async fn an_address_is_read_in_every_spelling_of_a_path() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    adobe.adds("grace+adobe@example.com").await;
    let org = adobe.org.replace('@', "%40");
    for path in [
        format!("/{}/invites/grace+adobe@example.com", adobe.org),
        format!("/{}/invites/grace+adobe@example.com/", adobe.org),
        format!("/{org}/invites/grace%2Badobe%40example.com"),
        format!("/{org}/invites/GRACE%2badobe@EXAMPLE.com"),
        format!("/organizations/{}/invites/grace+adobe@example.com", adobe.org),
        format!("/organizations/{org}/invites"),
        format!("/organizations/{org}/invites/"),
        format!("/{}/invites/", adobe.org),
    ] {
        let answer = adobe.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(emails(&answer.json()), ["grace+adobe@example.com"], "{path}");
    }
    for name in ["grace%20adobe@example.com", "nobody", "grace@example.com"] {
        assert_eq!(refusal(&adobe.invites(Method::GET, &format!("/{name}")).await).0, 404, "{name}");
    }
    let answer = adobe.invites(Method::GET, "/%ff@example.com").await;
    assert_eq!(refusal(&answer), (400, "error.parameter.invalid".into()));
}

#[tokio::test]
async fn a_resend_needs_no_body_and_reads_none() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    adobe.adds("grace@example.com").await;
    for body in ["", "[{}]", "{", "null"] {
        let request = adobe.request(Method::POST, &format!("/{}/invites/grace@example.com", adobe.org));
        let answer = adobe.send(request.header("content-type", "application/json").body(body)).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "status": "success" })), "{body}");
    }
}

#[tokio::test]
async fn what_a_query_may_not_say_is_refused() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    adobe.adds("grace@example.com").await;
    for query in ["page=-1", "page=x", "page=1.5", "includeExpired=perhaps", "sortColumn=NAME", "sortOrder=UP", "x=%ff"]
    {
        let answer = adobe.invites(Method::GET, &format!("?{query}")).await;
        assert_eq!(refusal(&answer), (400, "error.parameter.invalid".into()), "{query}");
    }
    for query in ["", "page=", "unknown=1", "page=0&page=0"] {
        assert_eq!(adobe.invites(Method::GET, &format!("?{query}")).await.status, 200, "{query}");
    }
    let answer = adobe.invites(Method::GET, "?page=x").await;
    insta::assert_json_snapshot!("bad_parameter", answer.json());
}

#[tokio::test]
async fn an_invite_that_is_sent_too_often_has_to_wait() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let adobe = app.adobe(&acme).await;
    assert_eq!(adobe.act(&json!([add("grace@example.com", &json!({}))]), "").await.status, 200);
    for _ in 0..10 {
        assert_eq!(adobe.invites(Method::POST, "/grace@example.com").await.status, 200);
    }
    let traces = app.traces(&acme).await;
    let answer = adobe.invites(Method::POST, "/grace@example.com").await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(app.traces(&acme).await, traces);
}
