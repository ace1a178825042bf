//! Traces, as a collector gets them, and as one that misbehaves does not.

use super::set_up;
use crate::harness::collector::attribute;
use crate::harness::smtp::{Script, SmtpServer};
use crate::harness::{Collector, Database, PASSWORD, Program, program::until};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::time::timeout;

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} in {names:?}"))
}

async fn what_is_done_is_traced(database: Database) {
    let (collector, smtp) = (Collector::start().await, SmtpServer::start(Script::in_clear()).await);
    let (endpoint, url) = (collector.url(), smtp.url());
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("VESTIBULE_SMTP_URL", url.as_str())];
    let mut program = Program::start_on(database, &settings).await;
    let ada = set_up(&program, PASSWORD).await;
    assert_eq!(ada.get("/nope").await.status, 404);
    ada.post("/forgot-password", &[("email", "ada@saltmarsh.example")]).await;
    until("the mail", async || !smtp.received().is_empty()).await;
    program.terminate().await;
    assert!(program.ended().await.success());
    let spans = collector.spans().await;
    let request = named(&spans, "POST /setup");
    for (key, value) in
        [("http.request.method", "POST"), ("http.route", "/setup"), ("http.response.status_code", "303")]
    {
        assert_eq!(attribute(&request.attributes, key), value);
    }
    assert_eq!(attribute(&request.attributes, "request.id").len(), 10);
    let write = spans.iter().find(|span| span.parent_span_id == request.span_id && span.name.starts_with("write "));
    let write = write.expect("what was written is a part of the request");
    assert_eq!((&write.trace_id, write.name.as_str()), (&request.trace_id, "write organizations::set_up"));
    let mail = named(&spans, "send mail");
    assert_eq!((attribute(&mail.attributes, "mail.outcome").as_str(), mail.parent_span_id.len()), ("sent", 0));
    assert_eq!(attribute(&named(&spans, "GET unmatched").attributes, "http.response.status_code"), "404");
    assert!(spans.iter().all(|span| span.events.is_empty()), "what the log says stays in the log");
    let loose = spans.iter().filter(|span| span.parent_span_id.is_empty() && span.name.starts_with("read "));
    assert_eq!(loose.count(), 0, "looks for something to do are no traces");
    let of = collector.received().await.remove(0).resource_spans.remove(0).resource.unwrap();
    assert_eq!(attribute(&of.attributes, "service.name"), "vestibule");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_is_traced_on_sqlite() {
    what_is_done_is_traced(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_is_traced_on_postgres() {
    what_is_done_is_traced(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_never_answers_holds_up_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let mut program = Program::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str())]);
    let client = program.client().await;
    let begun = Instant::now();
    // more than the queue of spans takes
    for _ in 0..3_000 {
        assert_eq!(client.get("/healthz").await.status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    assert!(timeout(Duration::from_secs(5), silent.accept()).await.is_ok(), "it has been tried");
    program.terminate().await;
    let ended = timeout(Duration::from_secs(10), program.ended()).await.expect("it ends, whoever is silent");
    assert!(ended.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_gone_is_spoken_of_once() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}/SECRETPATH");
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let program = Program::start(&[&settings[..], &[("VESTIBULE_METRICS_LISTEN", "127.0.0.1:0")]].concat());
    let client = program.client().await;
    until("three that failed", async || {
        assert_eq!(client.get("/healthz").await.status, 200);
        program.metrics().await.sum("vestibule_trace_exports_total", &[("outcome", "failed")]) >= 3.0
    })
    .await;
    let (_, log) = program.output();
    assert_eq!(log.matches("The collector does not take traces").count(), 1, "{log}");
    assert!(!log.contains("SECRETPATH"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_of_sending_that_is_not_there_is_refused_at_the_start() {
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let mut program = Program::start(&settings);
    assert!(!timeout(Duration::from_secs(10), program.ended()).await.expect("it ends").success());
    let (_, log) = program.output();
    assert!(log.contains("OTEL_EXPORTER_OTLP_PROTOCOL is grpc") && log.contains("http/protobuf"), "{log}");
}
