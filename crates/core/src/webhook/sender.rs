//! Sends a webhook once and reports the attempt.

use super::destination::{BLOCKED, Destinations, is_blocked};
use super::signature::{Secret, signatures};
use chrono::Duration;
use reqwest::{Certificate, Client, Response, header, redirect};
use std::sync::Arc;
use tokio::sync::OnceCell;
use tracing::{Instrument, Span};
use vestibule_domain::{EventId, Instant, webhook::Attempt, webhook::WebhookUrl};
use vestibule_telemetry::{metrics, traces};

/// The time limit for connecting.
const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);
/// The bytes of an answer that are read; the rest is ignored.
const READ_BYTES: usize = 64 * 1024;
/// The bytes of an answer that are kept.
const KEPT_BYTES: usize = 4 * 1024;

/// The HTTP client for webhooks. It is shared, so that connections are reused.
pub struct Sender {
    /// Made for the first attempt, so that the program starts without reading all certificates.
    client: OnceCell<Client>,
    destinations: Destinations,
    timeout: std::time::Duration,
}

fn client(destinations: Destinations, timeout: std::time::Duration) -> Client {
    let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok());
    Client::builder()
        .dns_resolver(Arc::new(destinations))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .tls_certs_merge(mozilla)
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(2)
        .user_agent(concat!("Vestibule/", env!("CARGO_PKG_VERSION"), " (webhooks)"))
        .build()
        .expect("there are certificates")
}

impl Sender {
    /// Creates a sender that trusts the machine's certificates, and Mozilla's for machines that have none. `timeout`
    /// covers the whole answer.
    pub fn new(destinations: Destinations, timeout: std::time::Duration) -> Self {
        Self { client: OnceCell::new(), destinations, timeout }
    }

    async fn client(&self) -> &Client {
        let making = async || {
            let (destinations, timeout) = (self.destinations.clone(), self.timeout);
            tokio::task::spawn_blocking(move || client(destinations, timeout)).await.expect("there are certificates")
        };
        self.client.get_or_init(making).await
    }

    pub fn destinations(&self) -> &Destinations {
        &self.destinations
    }

    /// Makes one attempt at `now`. It never fails itself; errors are part of the attempt.
    pub async fn send(&self, url: &WebhookUrl, id: EventId, body: String, secrets: &[Secret], now: Instant) -> Attempt {
        let begun = tokio::time::Instant::now();
        let span = span();
        let answered = self.post(url, id, body, secrets, now).instrument(span.clone()).await;
        metrics::webhook_attempted(begun.elapsed());
        record_status(&span, answered.as_ref().map_or(None, |(status, ..)| Some(*status)));
        let attempt = Attempt {
            at: now,
            milliseconds: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
            status: None,
            error: None,
            answer: String::new(),
            retry_after: None,
        };
        match answered {
            Ok((status, retry_after, answer)) => Attempt { status: Some(status), retry_after, answer, ..attempt },
            Err(error) => Attempt { error: Some(error), ..attempt },
        }
    }

    async fn post(
        &self,
        url: &WebhookUrl,
        id: EventId,
        body: String,
        secrets: &[Secret],
        now: Instant,
    ) -> Result<(u16, Option<Duration>, String), String> {
        // an IP address in the URL is not looked up, so the resolver never sees it
        let target = url::Url::parse(url.as_str()).map_err(|_| "the URL is not valid".to_owned())?;
        if !self.destinations.allows_url(&target) {
            return Err(BLOCKED.into());
        }
        let (id, timestamp) = (id.to_string(), now.timestamp());
        let client = self.client().await;
        let request = client
            .post(target)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(secrets, &id, timestamp, &body))
            .body(body);
        let response = request.send().await.map_err(|error| self.words(&error))?;
        let (status, retry_after) = (response.status().as_u16(), retry_after(&response));
        Ok((status, retry_after, beginning(response).await))
    }

    /// Returns a description of the error for the endpoint's owner.
    fn words(&self, error: &reqwest::Error) -> String {
        if is_blocked(error) {
            return BLOCKED.into();
        }
        if error.is_timeout() {
            return format!("no answer within {} seconds", self.timeout.as_secs());
        }
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        format!("{}: {cause}", if error.is_connect() { "could not connect" } else { "the connection broke" })
    }
}

/// Returns the span of one attempt, without its destination and content.
fn span() -> Span {
    tracing::info_span!(
        target: traces::TARGET,
        "webhook",
        otel.name = "deliver webhook",
        otel.kind = "client",
        http.request.method = "POST",
        http.response.status_code = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    )
}

/// Records the status in the span.
fn record_status(span: &Span, status: Option<u16>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if status.is_none_or(|status| !(200..300).contains(&status)) {
        traces::failed(span);
    }
}

/// Returns the `Retry-After` header in seconds. Its other form, a date, is ignored.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: i64 = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_seconds(seconds.max(0))
}

/// Returns the beginning of the answer, whose body may break off or never end.
async fn beginning(mut response: Response) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = KEPT_BYTES.saturating_sub(kept.len());
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
        read += chunk.len();
        if read >= READ_BYTES {
            break;
        }
    }
    // databases can't store NUL in text
    String::from_utf8_lossy(&kept).replace('\0', "\u{fffd}")
}
