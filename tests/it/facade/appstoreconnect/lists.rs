//! Filters, orders and pages of invitations.

use super::{Asc, body, limited, refusal};
use crate::harness::{Acme, TestApp};
use serde_json::{Value, json};

/// Some who are invited, for one app or for all, with names that have to be sorted by more than one thing.
async fn people(app: &TestApp, acme: &Acme) -> Asc {
    for (id, name) in [("1000000001", "Tides"), ("1000000002", "Dunes")] {
        app.app(acme, id, name).await;
    }
    let asc = app.asc(acme).await;
    for (email, last_name, role) in [
        ("d@example.com", "Okafor", "DEVELOPER"),
        ("b@example.com", "Zhou", "SALES"),
        ("c@example.com", "Okafor", "ADMIN"),
        ("a@example.com", "de la Cruz", "DEVELOPER"),
    ] {
        asc.invites(email, last_name, role).await;
    }
    for (email, id) in [("f@example.com", "1000000001"), ("e@example.com", "1000000002")] {
        let mut document = limited(email, id);
        document["data"]["attributes"]["lastName"] = json!("Ångström");
        asc.makes(&document).await;
    }
    asc
}

async fn letters(asc: &Asc, query: &str) -> String {
    let (mut path, mut all) = (format!("/userInvitations?limit=2{query}"), String::new());
    loop {
        let (emails, next) = asc.emails_at(&path).await;
        assert!(emails.len() <= 2);
        all.extend(emails.iter().map(|email| &email[..1]));
        match next {
            Some(next) => path = next,
            None => return all,
        }
    }
}

both! {
    async fn every_order_is_whole_from_page_to_page(app) {
        let acme = app.organization("Acme").await;
        let asc = people(&app, &acme).await;
        for (sort, wanted) in [
            ("", "dbcafe"),
            ("&sort=email", "abcdef"),
            ("&sort=-email", "fedcba"),
            ("&sort=email,lastName", "abcdef"),
            ("&sort=lastName", "cdbaef"),
            ("&sort=-lastName", "feabdc"),
            ("&sort=lastName,-email", "dcbafe"),
            ("&sort=-lastName,email", "efabcd"),
        ] {
            assert_eq!(letters(&asc, sort).await, wanted, "{sort}");
        }
    }

    async fn filters_find_any_of_what_they_name(app) {
        let acme = app.organization("Acme").await;
        let asc = people(&app, &acme).await;
        for (filter, wanted) in [
            ("&filter[email]=A@example.com", "a"),
            ("&filter%5Bemail%5D=a%40example.com%2Cf%40example.com", "af"),
            ("&filter[email]=nobody@example.com", ""),
            ("&filter[email]=", ""),
            ("&filter[roles]=SALES", "b"),
            ("&filter[roles]=SALES,ADMIN", "bc"),
            ("&filter[roles]=FINANCE", ""),
            ("&filter[visibleApps]=1000000001", "f"),
            ("&filter[visibleApps]=1000000001,1000000002", "fe"),
            ("&filter[visibleApps]=1000000009", ""),
            ("&filter[roles]=DEVELOPER&filter[visibleApps]=1000000002", "e"),
            ("&filter[roles]=DEVELOPER&filter[email]=b@example.com", ""),
            ("&filter[roles]=DEVELOPER&sort=-lastName", "fead"),
        ] {
            assert_eq!(letters(&asc, filter).await, wanted, "{filter}");
            let total = body(&asc.get(&format!("/userInvitations?limit=1{filter}")).await)["meta"]["paging"]["total"].clone();
            assert_eq!(total, wanted.len(), "{filter}");
        }
    }

    async fn pages_neither_skip_nor_repeat_while_others_write(app) {
        let acme = app.organization("Acme").await;
        let asc = people(&app, &acme).await;
        let (first, next) = asc.emails_at("/userInvitations?limit=2&sort=email").await;
        assert_eq!(first, ["a@example.com", "b@example.com"]);
        asc.invites("aa@example.com", "Before", "SALES").await;
        let id = body(&asc.get("/userInvitations?filter[email]=b@example.com").await)["data"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(asc.delete(&format!("/userInvitations/{id}")).await.status, 204);
        let (second, _) = asc.emails_at(&next.unwrap()).await;
        assert_eq!(second, ["c@example.com", "d@example.com"], "though the row that it follows is gone");
    }
}

#[tokio::test]
async fn links_are_whole_addresses_and_keep_what_was_asked() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let asc = people(&app, &acme).await;
    let list = body(&asc.get("/userInvitations?limit=2&sort=-email&filter[roles]=DEVELOPER,SALES").await);
    let base = format!("{}/appstoreconnect/v1/userInvitations", app.url);
    assert_eq!(list["links"]["self"], format!("{base}?limit=2&sort=-email&filter%5Broles%5D=DEVELOPER%2CSALES"));
    let cursor = list["meta"]["paging"]["nextCursor"].as_str().unwrap();
    assert_eq!(list["links"]["next"], format!("{}&cursor={cursor}", list["links"]["self"].as_str().unwrap()));
    assert_eq!(list["meta"]["paging"]["limit"], 2);
}

#[tokio::test]
async fn fields_and_apps_are_told_as_far_as_they_are_asked_for() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let asc = people(&app, &acme).await;
    let list = body(&asc.get("/userInvitations?filter[email]=f@example.com&fields[userInvitations]=email,roles").await);
    assert_eq!(list["data"][0]["attributes"], json!({ "email": "f@example.com", "roles": ["DEVELOPER"] }));
    assert_eq!((&list["data"][0]["relationships"], &list["included"]), (&Value::Null, &Value::Null));
    let both = body(&asc.get("/userInvitations?include=visibleApps&fields[apps]=name&sort=email&limit=200").await);
    assert_eq!(both["included"].as_array().unwrap().len(), 2, "each once");
    assert_eq!(both["included"][0]["attributes"], json!({ "name": "Tides" }));
    let last = &both["data"][5]["relationships"]["visibleApps"];
    assert_eq!((&last["data"][0]["id"], &last["meta"]["paging"]["total"]), (&json!("1000000001"), &json!(1)));
    assert_eq!(both["data"][0]["relationships"]["visibleApps"]["data"], json!([]), "who is for all apps");
}

#[tokio::test]
async fn a_query_that_cannot_be_taken_is_refused() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let asc = people(&app, &acme).await;
    let foreign = people(&app, &other).await;
    let cursor = |list: Value| list["meta"]["paging"]["nextCursor"].as_str().unwrap().to_owned();
    let own = cursor(body(&asc.get("/userInvitations?limit=1&sort=email").await));
    let theirs = cursor(body(&foreign.get("/userInvitations?limit=1").await));
    for (query, source) in [
        ("filter[emaill]=x", "filter[emaill]"),
        ("filter[roles]=TECHNICAL", "filter[roles]"),
        ("fields[userInvitations]=name", "fields[userInvitations]"),
        ("fields[apps]=x", "fields[apps]"),
        ("fields[builds]=version", "fields[builds]"),
        ("include=roles", "include"),
        ("sort=firstName", "sort"),
        ("sort=--email", "sort"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("limit[visibleApps]=51", "limit[visibleApps]"),
        ("limit=1&limit=2", "limit"),
        ("unknown=1", "unknown"),
        ("cursor=x", "cursor"),
        (&format!("cursor={theirs}"), "cursor"),
        (&format!("cursor={own}"), "cursor"),
        (&format!("sort=-email&cursor={own}"), "cursor"),
    ] {
        let answer = asc.get(&format!("/userInvitations?{query}")).await;
        assert_eq!(refusal(&answer), (400, "PARAMETER_ERROR.INVALID".into(), source.into()), "{query}");
    }
    assert_eq!(
        asc.get(&format!("/userInvitations?sort=email&limit=50&cursor={own}")).await.status,
        200,
        "a page may be longer"
    );
}
