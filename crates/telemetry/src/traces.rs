//! Traces: the spans of what one request, mail or webhook did and how long each part took, sent to a collector by OTLP
//! (HTTP with protobuf). OpenTelemetry's own variables turn this on and name the collector:
//! `OTEL_EXPORTER_OTLP_ENDPOINT`.
//!
//! Only spans with [`TARGET`] are sent, and no events: log messages are only in the log. Sending has its own thread and
//! queue. If the collector is slow, spans are dropped, and nobody waits.

use super::TraceLayer;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use reqwest::{Certificate, redirect};
use std::env;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_subscriber::{Layer, filter::filter_fn};

/// The target of all spans that are sent, and of nothing else.
pub const TARGET: &str = "vestibule::trace";

/// The most time that sending the last spans may take when the program ends.
const FLUSH: Duration = Duration::from_secs(3);
/// The most time that the collector may take for a batch, unless `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The least time between two warnings that the collector does not take the spans.
const WARN: Duration = Duration::from_secs(60);

/// The sending of traces, which lasts as long as the program runs.
#[derive(Default)]
pub struct Exporting(Option<SdkTracerProvider>);

impl Exporting {
    /// Sends the remaining spans, for three seconds at most.
    pub async fn stop(self) {
        let Some(provider) = self.0 else { return };
        // it blocks the calling thread
        let flushed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH));
        _ = tokio::time::timeout(FLUSH + Duration::from_secs(1), flushed).await;
    }
}

/// Returns the layer that sends spans, if the variables name a collector. Returns an error if they name one that can't
/// be used.
pub fn exporter() -> Result<Option<(TraceLayer, Exporting)>, String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let endpoint = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"].into_iter().find_map(variable);
    let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || variable("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
    if endpoint.is_none() || is_off {
        return Ok(None);
    }
    let protocol = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"].into_iter().find_map(variable);
    if let Some(other) = protocol.filter(|protocol| protocol != "http/protobuf") {
        return Err(format!(
            "OTEL_EXPORTER_OTLP_PROTOCOL is {other}, but traces can only be sent as http/protobuf: set it to that"
        ));
    }
    let refused = |error: &dyn std::error::Error| format!("OTEL_EXPORTER_OTLP_ENDPOINT: {error}");
    let client = Client::new(timeout(variable)).map_err(|error| refused(&error))?;
    let exporter = SpanExporter::builder().with_http().with_http_client(client).build();
    let exporter = exporter.map_err(|error| refused(&error))?;
    let mut resource = Resource::builder();
    if variable("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("vestibule");
    }
    let resource = resource.with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))).build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    // without file, line and thread: they describe the program, not the installation
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("vestibule"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false);
    let layer = layer.with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET));
    Ok(Some((layer.boxed(), Exporting(Some(provider)))))
}

fn timeout(variable: impl Fn(&str) -> Option<String>) -> Duration {
    let names = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
    let millis = names.into_iter().find_map(variable).and_then(|value| value.trim().parse().ok());
    millis.map_or(TIMEOUT, Duration::from_millis)
}

/// Marks the span of something that failed on our side or the receiver's.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// Posts batches. The exporter's thread is outside of the runtime, which sockets need, so it only waits for a task in
/// it.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    warned_at: Mutex<Option<Instant>>,
}

impl Client {
    fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok());
        // a collector is in the operator's own network, and has no reason to redirect
        let http = reqwest::Client::builder().timeout(timeout).no_proxy().redirect(redirect::Policy::none());
        Ok(Self {
            http: http.tls_certs_merge(mozilla).build()?,
            runtime: Handle::current(),
            warned_at: Mutex::default(),
        })
    }

    /// Logs a warning, but at most once a minute.
    fn warn(&self, why: &str) {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if warned_at.is_none_or(|at| at.elapsed() >= WARN) {
            tracing::warn!(why, "The collector does not take traces; check OTEL_EXPORTER_OTLP_ENDPOINT");
            *warned_at = Some(Instant::now());
        }
    }
}

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let sent = self.runtime.spawn(post(self.http.clone(), request)).await.map_err(HttpError::from);
            let sent = sent.and_then(|sent| sent.map_err(HttpError::from));
            super::metrics::traces_sent(sent.as_ref().is_ok_and(|response| response.status().is_success()));
            match &sent {
                Ok(response) if response.status().is_success() => {}
                Ok(response) => self.warn(response.status().as_str()),
                Err(error) if error.to_string().is_empty() => self.warn("no answer"),
                // the error's own text could contain the collector's address, which may hold a key
                Err(error) => self.warn(if is_timeout(error.as_ref()) { "no answer in time" } else { "no connection" }),
            }
            sent
        })
    }
}

fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout)
}

async fn post(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
    let response = client.execute(request.try_into()?).await?;
    let mut answer = Response::new(Bytes::new());
    (*answer.status_mut(), *answer.headers_mut()) = (response.status(), response.headers().clone());
    *answer.body_mut() = response.bytes().await?;
    Ok(answer)
}
