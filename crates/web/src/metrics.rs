//! Where metrics are read: at an address of its own, that strangers do not reach. A database that does not answer is told
//! there too, so nothing here waits for it for long.

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

/// The queues are read no more often than this, however often somebody asks.
const READ_EVERY: Duration = Duration::from_secs(5);
/// How long reading them may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often what was measured is folded, so that it takes no room while nobody asks.
const FOLD_EVERY: Duration = Duration::from_secs(5);
/// How long somebody who asks may take, with all that they send and take.
const ASK: Duration = Duration::from_secs(10);

/// The address where metrics are read, and what has been measured since it was taken.
pub struct Metrics {
    listener: TcpListener,
    rendered: PrometheusHandle,
}

impl Metrics {
    /// Begins to measure. Rejects an address that cannot be listened at.
    pub fn listen(address: SocketAddr) -> Result<Self, String> {
        let refused =
            |error| format!("cannot listen on {address}: {error}; set VESTIBULE_METRICS_LISTEN to another address");
        let listener = connections::listen(address).map_err(refused)?;
        Ok(Self { listener, rendered: metrics::install()? })
    }

    /// Where it listens, which is known only now if the port was 0.
    pub fn address(&self) -> String {
        self.listener.local_addr().map_or_else(|_| "an unknown address".to_owned(), |address| address.to_string())
    }

    /// Answers `/metrics`, until the program ends.
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

/// What is looked up when somebody asks, as it is no event that could be counted.
struct Sampler {
    vestibule: Arc<Vestibule>,
    process: metrics_process::Collector,
    rendered: PrometheusHandle,
    last: Mutex<Last>,
}

/// The last look at the queues.
#[derive(Default)]
struct Last {
    begun: Option<Instant>,
    /// goes on when nobody waits for it any more: of those that a frozen database keeps there is one at most
    reading: Option<JoinHandle<Option<Queues>>>,
}

async fn scrape(State(sampler): State<Arc<Sampler>>) -> impl IntoResponse {
    sampler.process.collect();
    sampler.vestibule.measure_database();
    sampler.read_queues().await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], sampler.rendered.render())
}

impl Sampler {
    /// Shows the queues as they are, or that the database does not answer.
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

    /// The reading to wait for: one that goes on, or a new one; none while the last is young, or another one waits.
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
