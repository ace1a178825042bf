//! Invitations: all of a request or nothing, at once as one after another, and told before by a dry run.

use super::{chrono, limit_of};
use crate::harness::{Acme, Database, Setup, TestApp};
use futures::future::join_all;
use serde_json::json;
use vestibule_domain::{InviteOutcome, InviteResult, RateLimit};

/// An installation that lets an organization invite so many an hour.
async fn limited(database: Database, an_hour: u32) -> TestApp {
    let settings =
        Box::new(move |settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = an_hour);
    TestApp::with(Setup { database, settings, ..Setup::default() }).await
}

fn people(count: usize, domain: &str) -> String {
    (0..count).map(|n| format!("person{n}@{domain}")).collect::<Vec<_>>().join("\n")
}

fn made(results: &[InviteResult]) -> usize {
    results.iter().filter(|result| matches!(result.outcome, InviteOutcome::Invited { .. })).count()
}

async fn invite(app: &TestApp, at: &Acme, recipients: &str) -> vestibule_core::service::Result<Vec<InviteResult>> {
    app.vestibule.invitations().invite(&at.scope, &app.invite(at, recipients, "member").await).await
}

async fn events(app: &TestApp, at: &Acme) -> usize {
    app.vestibule.audit().page(&at.scope, &Default::default(), None, 500).await.unwrap().page.items.len()
}

/// Five forms at once, for two instances in turn.
async fn five_forms_at_once(database: Database) {
    let app = limited(database, 100).await;
    let (acme, other) = (app.organization("Acme").await, app.sibling().await);
    let lists: Vec<String> = (0..5).map(|n| people(80, &format!("list{n}.example"))).collect();
    let forms =
        lists.iter().enumerate().map(|(n, list)| invite(if n.is_multiple_of(2) { &app } else { &other }, &acme, list));
    let answers = join_all(forms).await;
    let refused: Vec<_> = answers.iter().filter_map(limit_of).collect();
    assert_eq!(refused.len(), 4, "{answers:?}");
    assert!(refused.iter().all(|(limit, _)| *limit == RateLimit::Invitations));
    assert_eq!(answers.iter().flatten().map(|results| made(results)).sum::<usize>(), 80);
    assert_eq!(app.count_invitations(&acme).await, 80);
    app.settle().await;
    assert_eq!(app.mail.messages().len(), 80);
}

async fn a_refused_bulk(database: Database) {
    let app = limited(database, 100).await;
    let acme = app.organization("Acme").await;
    let program = app.program(&acme).await;
    let before = events(&app, &acme).await;
    let rows: Vec<_> = (0..180).map(|n| json!({ "email": format!("person{n}@example.com") })).collect();
    for path in ["/invitations/bulk?dry_run=true", "/invitations/bulk"] {
        let refused = program.post(path, &json!({ "invitations": rows })).await;
        assert_eq!(refused.refusal(), (429, "invitation_limit".into()), "{}", refused.text);
        assert_eq!((&refused.json()["limit"], &refused.json()["remaining"]), (&json!(100), &json!(100)));
        assert!(refused.headers.contains_key("retry-after"));
    }
    assert!(limit_of(&invite(&app, &acme, &people(180, "example.com")).await).is_some());
    assert_eq!((app.count_invitations(&acme).await, events(&app, &acme).await), (0, before));
    app.settle().await;
    assert!(app.mail.messages().is_empty());
    let taken = program.post("/invitations/bulk", &json!({ "invitations": rows[..100] })).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    let refused = program.post("/invitations", &json!({ "email": "grace@example.com" })).await;
    assert_eq!(refused.refusal(), (429, "invitation_limit".into()));
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert_eq!(wait, 36);
    app.advance(chrono::Duration::seconds(wait));
    assert_eq!(program.post("/invitations", &json!({ "email": "grace@example.com" })).await.status, 201);
}

/// Of a hundred an hour, and so five hundred a day.
async fn one_inviters_day(database: Database) {
    let app = limited(database, 100).await;
    let acme = app.organization("Acme").await;
    let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
    let mut invited = 0;
    for hour in 0..8 {
        for part in 0..2 {
            let list = people(49, &format!("list{hour}-{part}.example"));
            invited += invite(&app, &joan, &list).await.map_or(0, |results| made(&results));
        }
        app.advance(chrono::Duration::hours(1));
    }
    assert!((500..700).contains(&invited), "{invited} in eight hours");
    let refused = invite(&app, &joan, &people(99, "more.example")).await;
    assert_eq!(limit_of(&refused).unwrap().0, RateLimit::InvitationsOfInviter);
    app.invites(&acme, "grace@example.com").await;
}

async fn one_domains_day(database: Database) {
    let app = limited(database, 100).await;
    let acme = app.organization("Acme").await;
    let joan = app.joins(&acme, "joan@acme.example", "Joan Whitlock", "admin").await;
    let mut last = Vec::new();
    for hour in 0..8 {
        let by = if hour % 2 == 0 { &acme } else { &joan };
        let list: Vec<String> = (0..98).map(|n| format!("person{hour}-{n}@example.com")).collect();
        last = invite(&app, by, &list.join("\n")).await.unwrap();
        app.advance(chrono::Duration::hours(1));
    }
    let is_full =
        |outcome: &InviteOutcome| matches!(outcome, InviteOutcome::Refused { code, .. } if code == "domain_limit");
    assert!(last.iter().filter(|result| is_full(&result.outcome)).count() > 30, "{} of them went through", made(&last));
    app.invites(&acme, "grace@another.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_inviter_does_not_use_up_a_day_of_the_organization_on_sqlite() {
    one_inviters_day(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_inviter_does_not_use_up_a_day_of_the_organization_on_postgres() {
    one_inviters_day(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_does_not_flood_one_domain_on_sqlite() {
    one_domains_day(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_does_not_flood_one_domain_on_postgres() {
    one_domains_day(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_forms_at_once_make_no_more_than_the_limit_on_sqlite() {
    five_forms_at_once(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_forms_at_once_make_no_more_than_the_limit_on_postgres() {
    five_forms_at_once(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_bulk_has_made_nothing_and_a_dry_run_tells_it_on_sqlite() {
    a_refused_bulk(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_bulk_has_made_nothing_and_a_dry_run_tells_it_on_postgres() {
    a_refused_bulk(Database::Postgres).await;
}

both! {
    async fn what_was_not_made_is_given_back(app) {
        let acme = app.organization("Acme").await;
        app.invites(&acme, "grace@example.com").await;
        for _ in 0..3 {
            let results = invite(&app, &acme, &vec!["grace@example.com, no address"; 400].join("\n")).await.unwrap();
            assert_eq!(made(&results), 0);
        }
        let rest = invite(&app, &acme, &people(999, "example.com")).await.unwrap();
        assert_eq!(made(&rest), 999, "the thousandth of this hour");
    }

    async fn resends_count(app) {
        let acme = app.organization("Acme").await;
        invite(&app, &acme, &people(995, "example.com")).await.unwrap();
        let id = app.vestibule.invitations().page(&acme.scope, &Default::default(), None, 1).await.unwrap().page.items[0].invitation.id;
        for _ in 0..5 {
            app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
        }
        let (limit, wait) = limit_of(&app.vestibule.invitations().resend(&acme.scope, id).await).unwrap();
        assert_eq!((limit, wait.as_millis()), (RateLimit::Invitations, 3_600));
        app.advance(chrono(wait));
        app.vestibule.invitations().resend(&acme.scope, id).await.unwrap();
    }
}
