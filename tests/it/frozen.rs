//! A database that does not answer: every surface says so in its own envelope, with 503 and when to try again, within
//! the time that is promised; nothing is done; whether the process lives is told at once.
//!
//! What is asked comes from the lists that there are: the operations of the API's document, the vendors of the facades,
//! the pages that lead to one another and their forms.

use crate::api::document::operations;
use crate::api::matrix::{Things, needs};
use crate::facade::{adobe, appstoreconnect, clerk, clickhouse, snyk};
use crate::harness::app::database_in;
use crate::harness::{Acme, Answer, Client, Database, PASSWORD, Setup, TestApp, Wire, program::until};
use crate::pages::hostile::{furnish, walk};
use futures::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use sqlx::Connection;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};
use vestibule_domain::Surface;
use vestibule_store::PoolLimits;

const WAIT: Duration = Duration::from_secs(2);
/// A statement's time, and two more seconds; and what a busy machine needs.
const PROMISED: Duration = Duration::from_secs(2 + 2 + 3);

/// What somebody asks, and what the refusal has to look like.
struct Asked {
    name: String,
    request: RequestBuilder,
    envelope: fn(&Answer),
    /// Whether it is known to write, with what it is asked: others may write or not.
    writes: bool,
}

/// A refusal to a person.
fn is_page(answer: &Answer) {
    assert!(answer.header("content-type").starts_with("text/html"), "{}", answer.text);
    assert!(answer.text.contains("Try again"), "{}", answer.text);
}

fn asked(name: impl Into<String>, request: RequestBuilder, envelope: fn(&Answer), writes: bool) -> Asked {
    Asked { name: name.into(), request, envelope, writes }
}

/// Every operation of the document.
fn of_api(app: &TestApp, things: &Things) -> Vec<Asked> {
    // refused before anything is written, or only looked up
    const READS: [&str; 3] = ["verify_ticket", "link_invitation", "create_webhook"];
    let all = operations(&vestibule_api::document()).into_iter().map(|(path, method, operation)| {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        let (body, method): (_, Method) = (needs(&name).0, method.to_uppercase().parse().unwrap());
        let path = format!("/api/v1{}", path.replace("{org}", "acme").replace("{id}", things.id(&path)));
        let path = if name == "export_person" { format!("{path}?email=grace@acme.example") } else { path };
        let request = app.client().request(method.clone(), &path).bearer_auth(&things.program.token);
        let request = if body.is_null() { request } else { request.json(&body) };
        let writes = method != Method::GET && !READS.contains(&&*name);
        asked(name, request, |answer| drop(answer.refusal()), writes)
    });
    all.collect()
}

/// One that reads and one that writes of each vendor, and of each of its envelopes.
async fn of_facades(app: &TestApp, at: &Acme) -> Vec<Asked> {
    let mut all = Vec::new();
    for vendor in vestibule_facades::vendors() {
        let mut add = |what: &str, request, envelope, writes| {
            all.push(asked(format!("{}: {what}", vendor.name), request, envelope, writes));
        };
        match vendor.surface {
            Surface::Native => panic!("it is no facade"),
            Surface::Clerk => {
                let clerk = app.clerk(at).await;
                let new =
                    json!({ "email_address": "a@example.com", "role": "org:member", "inviter_user_id": clerk.owner });
                let envelope = |answer: &Answer| drop(clerk::refusal(answer));
                add("list", clerk.request(Method::GET, "/invitations"), envelope, false);
                add("invite", clerk.request(Method::POST, &clerk.here("")).json(&new), envelope, true);
            }
            Surface::Adobe => {
                let console = app.adobe(at).await;
                let (invites, action) = (format!("/{}/invites", console.org), format!("/action/{}", console.org));
                let commands = json!([adobe::add("a@example.com", &json!({}))]);
                // some are empty, as with Adobe
                let envelope = |answer: &Answer| {
                    if !answer.text.is_empty() {
                        adobe::refusal(answer);
                    }
                };
                add("list", console.request(Method::GET, &invites), |answer| drop(adobe::refusal(answer)), false);
                add("users", console.request(Method::GET, &format!("/users/{}/0", console.org)), envelope, false);
                add("act", console.request(Method::POST, &action).json(&commands), envelope, true);
            }
            Surface::AppStoreConnect => {
                let store = app.asc(at).await;
                let new = appstoreconnect::invitation("a@example.com");
                let envelope = |answer: &Answer| drop(appstoreconnect::refusals(answer));
                add("list", store.request(Method::GET, "/userInvitations"), envelope, false);
                add("invite", store.request(Method::POST, "/userInvitations").json(&new), envelope, true);
            }
            Surface::ClickHouse => {
                let cloud = app.clickhouse(at).await;
                let new = json!({ "email": "a@example.com", "role": "developer" });
                let envelope = |answer: &Answer| drop(clickhouse::refusal(answer));
                add("list", cloud.request(Method::GET, &cloud.here("/members")), envelope, false);
                add("invite", cloud.request(Method::POST, &cloud.here("/invitations")).json(&new), envelope, true);
            }
            Surface::Snyk => {
                let snyk = app.snyk(at).await;
                let (envelope, old) =
                    (|answer: &Answer| drop(snyk::refusal(answer)), json!({ "email": "a@example.com" }));
                let new = snyk.request(Method::POST, &snyk.here("/invites"));
                let new = new
                    .header("content-type", "application/vnd.api+json")
                    .body(snyk.invite("a@example.com").to_string());
                add("list", snyk.request(Method::GET, &snyk.here("/invites")), envelope, false);
                add("invite", new, envelope, true);
                let first = snyk.request(Method::POST, &format!("/v1/org/{}/invite", snyk.org)).json(&old);
                add("invite, version 1", first, |answer| drop(snyk::old_refusal(answer)), true);
            }
        }
    }
    all
}

/// Every page that the portal leads to, and every form on them.
async fn of_portal(ada: &Client) -> Vec<Asked> {
    let (pages, forms) = walk(ada, "/o/acme/invitations", "/o/acme/").await;
    assert!(pages.len() > 30 && forms.len() > 15);
    let read = pages.into_iter().map(|path| asked(path.clone(), ada.request(Method::GET, &path), is_page, false));
    let sent = forms.into_values().map(|form| {
        let request = ada.request(Method::POST, &form.action).header("sec-fetch-site", "same-origin");
        // what is asked to be sure of, as its button says it
        let writes =
            ["/revoke", "/delete", "/rotate", "/remove", "/resend"].iter().any(|end| form.action.ends_with(end));
        let writes = writes && form.action.split('/').count() == 6;
        asked(form.action.clone(), request.form(&form.fields), is_page, writes)
    });
    read.chain(sent).collect()
}

/// What strangers and invitees ask.
fn of_strangers(app: &TestApp, grace: &Client, token: &str) -> Vec<Asked> {
    let (accept, stranger) = ([("name", "Grace Okafor"), ("password", PASSWORD)], app.client());
    let (ada, reset) = ([("email", "ada@acme.example"), ("password", PASSWORD)], [("email", "ada@acme.example")]);
    let post = |client: &Client, path: &str, fields: &[(&str, &str)]| {
        client.request(Method::POST, path).header("sec-fetch-site", "same-origin").form(fields)
    };
    vec![
        asked("open a link", stranger.request(Method::GET, &format!("/i/{token}")), is_page, true),
        asked("the offer", grace.request(Method::GET, "/accept"), is_page, false),
        asked("accept", post(grace, "/accept", &accept), is_page, true),
        asked("decline", post(grace, "/accept/decline", &[]), is_page, true),
        asked("sign in to accept", post(grace, "/accept/sign-in", &accept[1..]), is_page, true),
        asked("prove", post(grace, "/accept/code/proof", &[("code", "123456")]), is_page, true),
        asked("sign in", post(&stranger, "/sign-in", &ada), is_page, true),
        asked("forgot password", post(&stranger, "/forgot-password", &reset), is_page, true),
    ]
}

struct Stage {
    app: TestApp,
    acme: Acme,
    things: Things,
    asked: Vec<Asked>,
}

async fn stage(database: Database, database_url: Option<String>) -> Stage {
    let settings = |settings: &mut vestibule_core::service::Settings| {
        settings.api_requests_per_minute = NonZeroU32::new(10_000_000).unwrap();
        settings.invitations_per_hour = 1_000_000;
    };
    let limits = PoolLimits { wait: WAIT, statement: Some(WAIT), ..PoolLimits::default() };
    let app =
        TestApp::with(Setup { database, database_url, settings: Box::new(settings), limits, ..Setup::default() }).await;
    let acme = app.organization("Acme").await;
    let things = app.things(&acme).await;
    furnish(&app, &acme).await;
    app.invites(&acme, "mary@example.com").await;
    app.settle().await;
    let token = app.mailed_token("mary@example.com");
    let (ada, grace) = (app.client_of(&acme.session), app.client());
    grace.get(&format!("/i/{token}")).await;
    let mut asked = of_api(&app, &things);
    asked.extend(of_facades(&app, &acme).await);
    asked.extend(of_portal(&ada).await);
    asked.extend(of_strangers(&app, &grace, &token));
    Stage { app, acme, things, asked }
}

/// All at once, each with its name, what it wrote to, and how long it took.
async fn all_told(app: &TestApp, asked: Vec<Asked>) -> Vec<(String, fn(&Answer), bool, Answer, Duration)> {
    join_all(asked.into_iter().map(async |Asked { name, request, envelope, writes }| {
        let begun = Instant::now();
        let answer = app.client().send(request).await;
        (name, envelope, writes, answer, begun.elapsed())
    }))
    .await
}

/// It lives and says so at once, and it is not ready.
async fn lives(app: &TestApp) {
    let begun = Instant::now();
    assert_eq!(app.client().get("/healthz").await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(app.client().get("/readyz").await.status, 503);
}

fn is_put_off(name: &str, envelope: fn(&Answer), answer: &Answer, took: Duration) {
    let wait = answer.header("retry-after").parse::<u32>();
    assert!(answer.status == 503 && wait.is_ok(), "{name}: {} {wait:?} {}", answer.status, answer.text);
    assert!(took < PROMISED, "{name} took {took:?}");
    envelope(answer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_surface_says_when_to_try_again_while_postgres_does_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let url = database_in(&folder, Database::Postgres).await;
    let server = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let wire = Wire::to(&server).await;
    let Stage { app, acme, things, asked } = stage(Database::Postgres, Some(url.replace(&server, &wire.address))).await;
    let before = app.footprints(&acme).await;
    wire.freeze();
    let (told, ()) = tokio::join!(all_told(&app, asked), lives(&app));
    assert!(told.len() > 100, "{}", told.len());
    for (name, envelope, _, answer, took) in told {
        is_put_off(&name, envelope, &answer, took);
    }
    lives(&app).await;
    wire.thaw();
    comes_back(&app, &acme, &things, before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_surface_says_when_to_try_again_while_another_process_writes_the_file() {
    let Stage { app, acme, things, asked } = stage(Database::Sqlite, None).await;
    let before = app.footprints(&acme).await;
    let mut holder = sqlx::SqliteConnection::connect(&app.database_url).await.unwrap();
    sqlx::raw_sql("begin immediate").execute(&mut holder).await.unwrap();
    // it reads on for ever
    let asked = asked.into_iter().filter(|asked| asked.name != "follow_events").collect();
    let (told, ()) = tokio::join!(all_told(&app, asked), lives(&app));
    let mut put_off = 0;
    for (name, envelope, writes, answer, took) in told {
        if writes || answer.status == 503 {
            is_put_off(&name, envelope, &answer, took);
            put_off += 1;
        } else {
            // reads go on, and some forms are refused before anything is written; nobody is told otherwise that it was
            // not done
            assert!(answer.status.as_u16() < 500, "{name}: {} {}", answer.status, answer.text);
            let is_told = answer.text.contains("Try again in") || answer.flash() == "refused";
            assert!(!is_told, "{name}: {} {} {}", answer.status, answer.flash(), answer.text);
        }
    }
    assert!(put_off > 50, "{put_off}");
    lives(&app).await;
    sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
    comes_back(&app, &acme, &things, before).await;
}

/// Nothing was done, and it goes on by itself.
async fn comes_back(app: &TestApp, acme: &Acme, things: &Things, before: crate::harness::hostile::Footprints) {
    until("that it is ready", async || app.client().get("/readyz").await.status == 200).await;
    assert_eq!(app.footprints(acme).await, before);
    let again = things.program.post("/invitations", &json!({ "email": "again@example.com" })).await;
    assert_eq!(again.status, 201, "{}", again.text);
}

/// Every request notes that its key or session is used. If it waited for that, it would hold a connection.
#[tokio::test]
async fn what_is_noted_in_passing_waits_for_nobody() {
    let app = TestApp::on(Database::Postgres).await;
    let acme = app.organization("Acme").await;
    let (program, ada) = (app.program(&acme).await, app.client_of(&acme.session));
    let ask = async || {
        app.advance(chrono::Duration::minutes(2));
        assert_eq!(program.get("/invitations").await.status, 200);
        assert_eq!(ada.get("/o/acme/invitations").await.status, 200);
    };
    let seen = async || app.count("select extract(epoch from max(seen_at))::bigint from sessions").await;
    let before = seen().await;
    let mut holder = app.postgres().await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut holder).await.unwrap();
    let held = "begin; select * from api_keys for update; select * from sessions for update";
    sqlx::raw_sql(held).execute(&mut holder).await.unwrap();
    ask().await;
    let waiting = format!("select count(*) from pg_stat_activity where {pid} = any(pg_blocking_pids(pid))");
    assert_eq!(app.count(&waiting).await, 0);
    sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
    assert_eq!(app.count("select count(*) from api_keys where last_used_at is not null").await, 0);
    assert_eq!(seen().await, before);
    ask().await;
    assert_eq!(app.count("select count(*) from api_keys where last_used_at is not null").await, 1);
    assert_ne!(seen().await, before);
}
