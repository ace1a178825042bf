//! Metrics, as Prometheus reads them from the real program.

use super::set_up;
use crate::harness::smtp::{Answer, Script, SmtpServer, Stage};
use crate::harness::{Client, Database, Exposition, PASSWORD, Program, Receiver, Reply, program::until};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use vestibule_telemetry::metrics::{ALL, CHORE_NAMES};

const HERE: (&str, &str) = ("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0");
const INVITATIONS: &str = "/o/saltmarsh/invitations";

/// Waits until the value is this, or more.
async fn comes_to(program: &Program, name: &str, labels: &[(&str, &str)], wanted: f64) -> Exposition {
    let mut read = program.metrics().await;
    let mut tries = 0;
    while read.sum(name, labels) < wanted {
        tries += 1;
        assert!(tries < 300, "{name} {labels:?} is {}, not {wanted}", read.sum(name, labels));
        tokio::time::sleep(Duration::from_millis(100)).await;
        read = program.metrics().await;
    }
    read
}

async fn invite(ada: &Client, emails: &str) {
    let page = ada.get(&format!("{INVITATIONS}/new")).await;
    let (_, rest) = page.text.split_once("name=\"role_ids\" value=\"").unwrap();
    let fields = [("recipients", emails), ("role_ids", rest.split('"').next().unwrap())];
    assert_eq!(ada.post(&format!("{INVITATIONS}/new"), &fields).await.status, 303);
}

/// One mail is taken, one is put off, one is refused; one webhook is taken, one is not.
async fn lives(program: &Program, smtp: &SmtpServer) -> Receiver {
    let hooks = Receiver::answering([Reply::new(204), Reply::new(500)]).await;
    let ada = set_up(program, PASSWORD).await;
    let fields = [("url", &*hooks.url), ("description", "x"), ("actions", "invitation.created")];
    assert_eq!(ada.post("/o/saltmarsh/webhooks/new", &fields).await.status, 303);
    invite(&ada, "grace@okafor.example").await;
    comes_to(program, "vestibule_mails_total", &[("outcome", "sent")], 1.0).await;
    comes_to(program, "vestibule_webhook_deliveries_total", &[("outcome", "delivered")], 1.0).await;
    smtp.behave(Script::in_clear().once(Stage::Rcpt, Answer::Say("451 4.7.1 Try again later")));
    invite(&ada, "alan@pemberton.example").await;
    comes_to(program, "vestibule_mails_total", &[("outcome", "deferred")], 1.0).await;
    comes_to(program, "vestibule_webhook_deliveries_total", &[("outcome", "deferred")], 1.0).await;
    smtp.behave(Script::in_clear().once(Stage::Rcpt, Answer::Say("550 5.1.1 Nobody here")));
    invite(&ada, "nobody@pemberton.example").await;
    comes_to(program, "vestibule_mails_total", &[("outcome", "failed")], 1.0).await;
    hooks
}

async fn what_happens_is_counted(database: Database) {
    let smtp = SmtpServer::start(Script::in_clear()).await;
    let url = smtp.url();
    let settings = [HERE, ("VESTIBULE_SMTP_URL", url.as_str()), ("VESTIBULE_WEBHOOK_ALLOW_SUBNETS", "127.0.0.0/8")];
    let program = Program::start_on(database, &settings).await;
    let _hooks = lives(&program, &smtp).await;
    let stranger = program.client().await;
    for n in 0..11 {
        let fields = [("email", "ada@saltmarsh.example"), ("password", "not the password")];
        assert_eq!(stranger.post("/sign-in", &fields).await.status, if n < 10 { 422 } else { 429 });
    }
    let read = program.metrics().await;
    let requests = |labels: &[(&str, &str)]| read.sum("vestibule_http_requests_total", labels);
    let sign_in = ("route", "/sign-in");
    assert_eq!(requests(&[sign_in, ("method", "POST"), ("status", "422")]), 10.0);
    assert_eq!(requests(&[sign_in, ("status", "429")]), 1.0);
    assert_eq!(read.sum("vestibule_http_request_duration_seconds_count", &[sign_in]), 11.0);
    assert_eq!(requests(&[("route", "/o/{slug}/invitations/new"), ("method", "POST"), ("status", "303")]), 3.0);
    assert!(read.sum("vestibule_rate_limited_total", &[("limit", "sign_in_limit")]) >= 1.0);
    assert_eq!(read.sum("vestibule_mail_conversation_duration_seconds_count", &[]), 3.0);
    for outcome in ["sent", "deferred", "failed"] {
        assert_eq!(read.sum("vestibule_mails_total", &[("outcome", outcome)]), 1.0, "{outcome}");
    }
    assert_eq!(read.sum("vestibule_webhook_deliveries_total", &[("outcome", "delivered")]), 1.0);
    // what was not taken may have been tried again by now
    assert!(read.sum("vestibule_webhook_attempt_duration_seconds_count", &[]) >= 3.0);
    assert!(read.sum("vestibule_store_duration_seconds_count", &[("work", "write")]) > 10.0);
    assert!(read.sum("vestibule_chore_runs_total", &[("chore", "send_mail"), ("outcome", "ok")]) >= 3.0);
    for (name, value) in [("vestibule_database_up", 1.0), ("vestibule_mail_server_configured", 1.0)] {
        assert_eq!(read.sum(name, &[]), value, "{name}");
    }
    let due = read.samples.iter().filter(|sample| sample.name == "vestibule_chore_due");
    let told: Vec<&str> = due.map(|sample| &*sample.labels["chore"]).collect();
    for chore in CHORE_NAMES.into_iter().filter(|name| !["send_mail", "deliver_webhooks"].contains(name)) {
        assert!(told.contains(&chore), "how much {chore} should do is not told");
    }
    // the queues are read again only after a while
    comes_to(&program, "vestibule_mails_due_later", &[], 1.0).await;
    let read = comes_to(&program, "vestibule_webhook_deliveries_due_later", &[], 2.0).await;
    let sqlite = database == Database::Sqlite;
    let only_there = ["vestibule_database_file_bytes", "vestibule_database_group_size"];
    for metric in ALL.iter().filter(|metric| sqlite || !only_there.contains(&metric.name)) {
        assert!(read.names().contains(metric.name), "{} is not there", metric.name);
    }
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_threads", "process_start_time_seconds"] {
        assert!(read.sum(name, &[]) > 0.0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_counted_on_sqlite() {
    what_happens_is_counted(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_counted_on_postgres() {
    what_happens_is_counted(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_stranger_makes_more_of_them() {
    let program = Program::start(&[HERE]);
    let client = program.client().await;
    client.get("/nope").await;
    client.get("/i/vst_first").await;
    let before = program.metrics().await.samples.len();
    for n in 0..200 {
        client.get(&format!("/nope/{n}/SECRET{n}?{n}=SECRET")).await;
        client.get(&format!("/i/vst_SECRET{n}")).await;
        let host = client.request(reqwest::Method::GET, "/nope").header("host", format!("SECRET{n}.example"));
        client.send(host.header("user-agent", format!("SECRET{n}"))).await;
        let made_up = reqwest::Method::from_bytes(format!("SECRET{n}").as_bytes()).unwrap();
        client.send(client.request(made_up, "/nope")).await;
    }
    let page = program.metrics_page().await;
    assert!(!page.contains("SECRET"), "{page}");
    let read = Exposition::read(&page);
    // a method that is none of ours, and what those got
    let more = read.samples.len() - before;
    assert!(more <= 3 * 14, "{more} more: {:?} {:?}", read.values("route"), read.values("status"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_nowhere_but_at_their_own_address() {
    let program = Program::start(&[]);
    let client = program.client().await;
    assert_eq!(client.get("/metrics").await.status, 404);
    assert!(!program.output().0.contains("Metrics are at"), "nobody asked for them");
    let program = Program::start(&[HERE]);
    assert_eq!(program.client().await.get("/metrics").await.status, 404);
    let url = program.says_between("Metrics are at ", "/metrics").await;
    for path in ["/", "/healthz", "/sign-in", "/metrics/"] {
        assert_eq!(reqwest::get(format!("{url}{path}")).await.unwrap().status(), 404, "{path}");
    }
    assert_eq!(reqwest::Client::new().post(format!("{url}/metrics")).send().await.unwrap().status(), 405);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_taken_is_named_at_the_start() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut program = Program::start(&[("VESTIBULE_METRICS_LISTEN", address.as_str())]);
    assert!(!timeout(Duration::from_secs(10), program.ended()).await.expect("it ends").success());
    let (_, said) = program.output();
    assert!(said.contains(&address) && said.contains("VESTIBULE_METRICS_LISTEN"), "{said}");
}

/// Somebody has the table of the outbox for themselves, as in a migration by hand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_frozen_is_told_and_nobody_waits_for_it() {
    let program = Program::start_on(Database::Postgres, &[HERE]).await;
    assert_eq!(program.metrics().await.sum("vestibule_database_up", &[]), 1.0);
    let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(program.database_url()).await.unwrap();
    sqlx::raw_sql("begin; lock table mails in access exclusive mode").execute(&mut other).await.unwrap();
    let mut slowest = Duration::ZERO;
    until("that it is told", async || {
        let begun = Instant::now();
        let read = program.metrics().await;
        slowest = slowest.max(begun.elapsed());
        let is_known = !read.sum("vestibule_mails_due", &[("urgency", "now")]).is_nan();
        assert_eq!(is_known, read.sum("vestibule_database_up", &[]) == 1.0, "what is not known is no number");
        !is_known
    })
    .await;
    assert!(slowest < Duration::from_secs(4), "{slowest:?}");
    sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
    until("that it is well", async || program.metrics().await.sum("vestibule_database_up", &[]) == 1.0).await;
}
