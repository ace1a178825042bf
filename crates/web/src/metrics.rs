//! The endpoint for metrics, on an address of its own that strangers can't reach. It must also report a database that
//! does not answer, so it never waits for one for long.

use super::connections;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use vestibule_core::service::Vestibule;
use vestibule_telemetry::metrics::{self, Queues};

/// The least time between two reads of the queues, however often metrics are requested.
const READ_EVERY: Duration = Duration::from_secs(5);
/// The most time that reading them may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the measured values are compacted, so that they take no space while nobody requests them.
const FOLD_EVERY: Duration = Duration::from_secs(5);
/// The most time for a whole exchange with a client.
const ASK: Duration = Duration::from_secs(10);

/// The listener for metrics, and what has been measured since it was opened.
pub struct Metrics {
    listener: TcpListener,
    rendered: PrometheusHandle,
}

impl Metrics {
    /// Starts measuring. Returns an error if the address can't be listened on.
    pub fn listen(address: SocketAddr) -> Result<Self, String> {
        let refused =
            |error| format!("cannot listen on {address}: {error}; set VESTIBULE_METRICS_LISTEN to another address");
        let listener = connections::listen(address).map_err(refused)?;
        Ok(Self { listener, rendered: metrics::install()? })
    }

    /// Returns the address that it listens on, which is not known earlier if the port was 0.
    pub fn address(&self) -> String {
        self.listener.local_addr().map_or_else(|_| "an unknown address".to_owned(), |address| address.to_string())
    }

    /// Answers `/metrics` until the program ends.
    pub async fn serve(self, vestibule: Arc<Vestibule>) {
        metrics::build(vestibule.database(), vestibule.has_mail_server());
        let folding = self.rendered.clone();
        tokio::spawn(async move {
            let mut fold = tokio::time::interval(FOLD_EVERY);
            loop {
                fold.tick().await;
                folding.run_upkeep();
            }
        });
        let process = metrics_process::Collector::default();
        process.describe();
        let sampler = Arc::new(Sampler { vestibule, process, rendered: self.rendered, last: Mutex::default() });
        let router = Router::new().route("/metrics", get(scrape)).with_state(sampler);
        connections::serve_few(self.listener, router, ASK).await;
    }
}

/// The values that are read on request, because they are not events that could be counted.
struct Sampler {
    vestibule: Arc<Vestibule>,
    process: metrics_process::Collector,
    rendered: PrometheusHandle,
    last: Mutex<Last>,
}

/// The last read of the queues.
#[derive(Default)]
struct Last {
    begun: Option<Instant>,
    /// Continues when nobody waits for it any longer: so there is at most one that a frozen database holds up.
    reading: Option<JoinHandle<Option<Queues>>>,
}

async fn scrape(State(sampler): State<Arc<Sampler>>) -> impl IntoResponse {
    sampler.process.collect();
    sampler.vestibule.measure_database();
    sampler.read_queues().await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], sampler.rendered.render())
}

impl Sampler {
    /// Publishes the present queues, or that the database does not answer.
    async fn read_queues(&self) {
        let Some(mut reading) = self.begin() else { return };
        match tokio::time::timeout(PATIENCE, &mut reading).await {
            Ok(read) => metrics::queues(read.ok().flatten().as_ref()),
            Err(_) => {
                metrics::queues(None);
                self.last().reading = Some(reading);
            }
        }
    }

    /// Returns the read to wait for: the one in progress, or a new one. Returns `None` if the last one is recent, or if
    /// another request waits for it.
    fn begin(&self) -> Option<JoinHandle<Option<Queues>>> {
        let mut last = self.last();
        if last.begun.is_some_and(|begun| begun.elapsed() < READ_EVERY) {
            return None;
        }
        last.begun = Some(Instant::now());
        Some(last.reading.take().unwrap_or_else(|| {
            let vestibule = Arc::clone(&self.vestibule);
            tokio::spawn(async move {
                let read = vestibule.queues().await;
                let read = read.inspect_err(|error| {
                    tracing::debug!(
                        error = error as &dyn std::error::Error,
                        "The queues could not be read for metrics"
                    );
                });
                read.ok()
            })
        }))
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
