//! Pages of pending invitations: relative links, both ways, whole while others write.

use super::refusal;
use crate::harness::TestApp;
use serde_json::Value;

/// Everybody on the way along one kind of links.
async fn walk(snyk: &super::Snyk, from: &str, link: &str) -> (Vec<String>, Vec<String>) {
    let (mut path, mut seen, mut paths) = (from.to_owned(), Vec::new(), Vec::new());
    loop {
        let (emails, links) = snyk.emails_at(&path).await;
        seen.push(emails);
        paths.push(path);
        match links[link].as_str() {
            Some(next) => path = format!("/rest{next}"),
            None => break,
        }
    }
    if link == "prev" {
        seen.reverse();
    }
    (seen.concat(), paths)
}

both! {
    async fn they_follow_each_other_in_the_order_of_making_and_back(app) {
        let acme = app.organization("Acme").await;
        let snyk = app.snyk(&acme).await;
        let people: Vec<String> = (0..35).map(|n| format!("person{n}@example.com")).collect();
        for email in &people {
            app.invites(&acme, email).await;
        }
        let first = format!("{}&limit=10", snyk.here("/invites"));
        let (seen, paths) = walk(&snyk, &first, "next").await;
        assert_eq!(seen, people);
        assert_eq!(paths.len(), 4);
        let back = walk(&snyk, paths.last().unwrap(), "prev").await.0;
        assert_eq!(back, people);

        // whoever joins the list meanwhile comes at its end, and whoever leaves it moves nobody
        let (page, links) = snyk.emails_at(&first).await;
        assert_eq!(page, people[..10]);
        let gone = snyk.emails_at(&first).await.0[3].clone();
        let list = snyk.get(&first).await.json();
        let id = list["data"].as_array().unwrap().iter().find(|one| one["attributes"]["email"] == gone.as_str()).unwrap()["id"].clone();
        assert_eq!(snyk.delete(&snyk.here(&format!("/invites/{}", id.as_str().unwrap()))).await.status, 204);
        app.invites(&acme, "late@example.com").await;
        let rest = walk(&snyk, &format!("/rest{}", links["next"].as_str().unwrap()), "next").await.0;
        assert_eq!(rest[..25], people[10..]);
        assert_eq!(rest[25..], ["late@example.com"]);
    }
}

#[tokio::test]
async fn links_are_relative_and_keep_what_was_asked() {
    let app = TestApp::new().await;
    let acme = app.organization("Acme").await;
    let snyk = app.snyk(&acme).await;
    for n in 0..11 {
        app.invites(&acme, &format!("person{n}@example.com")).await;
    }
    let here = format!("/orgs/{}/invites?version=2024-06-21", snyk.org);
    let (_, links) = snyk.emails_at(&format!("/rest{here}")).await;
    assert_eq!(
        (&links["self"], &links["first"], &links["prev"]),
        (&here.clone().into(), &here.clone().into(), &Value::Null)
    );
    let next = links["next"].as_str().unwrap();
    let cursor = next.strip_prefix(&format!("{here}&starting_after=")).unwrap().to_owned();
    let (page, links) = snyk.emails_at(&format!("/rest{next}")).await;
    assert_eq!(page, ["person10@example.com"]);
    assert_eq!((&links["next"], &links["self"]), (&Value::Null, &next.into()));
    assert!(links["prev"].as_str().unwrap().starts_with(&format!("{here}&ending_before=")));

    // a place is a place, whichever side of it is asked for; ten lie before it
    let (page, _) = snyk.emails_at(&format!("/rest{here}&ending_before={cursor}")).await;
    assert_eq!(page.len(), 9);
}

#[tokio::test]
async fn a_page_that_is_asked_for_wrongly_is_refused() {
    let app = TestApp::new().await;
    let (acme, other) = (app.organization("Acme").await, app.organization("Other").await);
    let (snyk, foreign) = (app.snyk(&acme).await, app.snyk(&other).await);
    for n in 0..11 {
        app.invites(&other, &format!("person{n}@example.com")).await;
    }
    let (_, links) = foreign.emails_at(&foreign.here("/invites")).await;
    let (_, cursor) = links["next"].as_str().unwrap().split_once("starting_after=").unwrap();
    for (query, source) in [
        ("limit=0", "limit"),
        ("limit=15", "limit"),
        ("limit=110", "limit"),
        ("limit=-10", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("starting_after=", "starting_after"),
        ("starting_after=v1.eyJpZCI6IjEwMDAifQo=", "starting_after"),
        ("ending_before=x", "ending_before"),
        (&format!("starting_after={cursor}"), "starting_after"),
        (&format!("starting_after={cursor}&ending_before={cursor}"), "ending_before"),
    ] {
        let answer = snyk.get(&format!("{}&{query}", snyk.here("/invites"))).await;
        assert_eq!(refusal(&answer), (400, "query".into(), source.into()), "{query}");
    }
    for limit in ["10", "50", "100"] {
        assert_eq!(snyk.get(&format!("{}&limit={limit}", snyk.here("/invites"))).await.status, 200);
    }
}
