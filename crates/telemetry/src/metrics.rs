//! Metrics: each with its name, its kind and its meaning, and one function for each thing that happens.
//!
//! A label's value is from a closed list (a state, a route's pattern, a limit's code), so that visitors can't create
//! new ones, and it is never an address, an id or a name. Until [`install`] is called nothing is stored; after that,
//! each call is one addition.

use super::storing::Storing;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use vestibule_domain::webhook::WebhookDeliveryState;
use vestibule_domain::{Clock, MailState, RateLimit, SystemClock, Urgency};

/// The kind of a metric in Prometheus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricKind {
    /// A count that only grows, starting at zero when the process starts.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// The number of values up to each of these bounds.
    Histogram(&'static [f64]),
}

/// A metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    pub name: &'static str,
    pub kind: MetricKind,
    /// What the metric means, with its unit.
    pub help: &'static str,
}

const fn metric(name: &'static str, kind: MetricKind, help: &'static str) -> Metric {
    Metric { name, kind, help }
}

/// The bounds, in seconds, for the time that somebody waits for a response.
const ANSWERS: MetricKind = MetricKind::Histogram(&[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
/// The bounds, in seconds, for work of the store.
const STORE: MetricKind =
    MetricKind::Histogram(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0]);
/// The bounds, in seconds, for work of other servers.
const OTHERS: MetricKind = MetricKind::Histogram(&[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0]);
/// The bounds for the number of writes in one commit.
const GROUPS: MetricKind = MetricKind::Histogram(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]);

pub const BUILD_INFO: &str = "vestibule_build_info";
const REQUESTS: &str = "vestibule_http_requests_total";
const REQUEST_SECONDS: &str = "vestibule_http_request_duration_seconds";
const REQUESTS_NOW: &str = "vestibule_http_requests_in_progress";
const CONNECTIONS: &str = "vestibule_http_connections";
const CONNECTIONS_MAX: &str = "vestibule_http_connections_max";
const CONNECTIONS_ENDED: &str = "vestibule_http_connections_ended_total";
const DATABASE_UP: &str = "vestibule_database_up";
const DATABASE_CONNECTIONS: &str = "vestibule_database_connections";
const DATABASE_WAITING: &str = "vestibule_database_waiting";
const DATABASE_BYTES: &str = "vestibule_database_file_bytes";
const STORE_SECONDS: &str = "vestibule_store_duration_seconds";
const GROUP_SIZE: &str = "vestibule_database_group_size";
const MAIL_SERVER: &str = "vestibule_mail_server_configured";
const MAILS: &str = "vestibule_mails_total";
const MAILS_DUE: &str = "vestibule_mails_due";
const MAILS_AGE: &str = "vestibule_mails_oldest_due_age_seconds";
const MAILS_LATER: &str = "vestibule_mails_due_later";
const MAILS_HELD: &str = "vestibule_mails_held";
const MAIL_SECONDS: &str = "vestibule_mail_conversation_duration_seconds";
const DELIVERIES: &str = "vestibule_webhook_deliveries_total";
const DELIVERIES_DUE: &str = "vestibule_webhook_deliveries_due";
const DELIVERIES_AGE: &str = "vestibule_webhook_deliveries_oldest_due_age_seconds";
const DELIVERIES_LATER: &str = "vestibule_webhook_deliveries_due_later";
const DELIVERIES_HELD: &str = "vestibule_webhook_deliveries_held";
const DELIVERY_SECONDS: &str = "vestibule_webhook_attempt_duration_seconds";
const CHORES: &str = "vestibule_chore_runs_total";
const CHORE_SECONDS: &str = "vestibule_chore_duration_seconds";
const CHORE_SUCCESS: &str = "vestibule_chore_last_success_timestamp_seconds";
const CHORE_DUE: &str = "vestibule_chore_due";
const RATE_LIMITED: &str = "vestibule_rate_limited_total";
const HASHES: &str = "vestibule_password_hashes";
const HASHES_REFUSED: &str = "vestibule_password_hashes_refused_total";
const TRACES: &str = "vestibule_trace_exports_total";

/// All of our own metrics. Those of the process (`process_…`) are the usual ones.
pub const ALL: &[Metric] = &[
    metric(BUILD_INFO, MetricKind::Gauge, "1, with the version and the kind of database as labels."),
    metric(REQUESTS, MetricKind::Counter, "Requests that were answered, by method, route and status."),
    metric(REQUEST_SECONDS, ANSWERS, "Seconds until the answer began, by method and route."),
    metric(REQUESTS_NOW, MetricKind::Gauge, "Requests that are being answered."),
    metric(CONNECTIONS, MetricKind::Gauge, "Connections that are open."),
    metric(CONNECTIONS_MAX, MetricKind::Gauge, "Connections that may be open at once."),
    metric(
        CONNECTIONS_ENDED,
        MetricKind::Counter,
        "Connections closed or refused because there were too many, by reason.",
    ),
    metric(DATABASE_UP, MetricKind::Gauge, "1 if the database answered the last query of the queues in time, else 0."),
    metric(
        DATABASE_CONNECTIONS,
        MetricKind::Gauge,
        "Connections to the database, by state; on SQLite those that read.",
    ),
    metric(DATABASE_WAITING, MetricKind::Gauge, "Reads and writes that wait for a connection to the database."),
    metric(DATABASE_BYTES, MetricKind::Gauge, "Bytes of SQLite's files; the write-ahead log is called wal."),
    metric(STORE_SECONDS, STORE, "Seconds of reads and writes, including the wait for their turn."),
    metric(GROUP_SIZE, GROUPS, "Writes that SQLite committed together."),
    metric(MAIL_SERVER, MetricKind::Gauge, "1 if mail is sent, 0 if it only waits in the outbox."),
    metric(MAILS, MetricKind::Counter, "Attempts to send a mail, by outcome."),
    metric(MAILS_DUE, MetricKind::Gauge, "Mails that should be sent now, by urgency; counted to 10,000."),
    metric(MAILS_AGE, MetricKind::Gauge, "Seconds that the oldest of these mails has been due, by urgency."),
    metric(MAILS_LATER, MetricKind::Gauge, "Mails whose next attempt is later, by urgency; counted to 10,000."),
    metric(
        MAILS_HELD,
        MetricKind::Gauge,
        "Mails that a restore holds until the operator releases them; counted to 10,000.",
    ),
    metric(MAIL_SECONDS, OTHERS, "Seconds of sending one mail, including the conversation with the mail server."),
    metric(DELIVERIES, MetricKind::Counter, "Attempts to deliver a webhook, by outcome."),
    metric(DELIVERIES_DUE, MetricKind::Gauge, "Deliveries of webhooks that should be made now; counted to 10,000."),
    metric(DELIVERIES_AGE, MetricKind::Gauge, "Seconds that the oldest of these deliveries has been due."),
    metric(DELIVERIES_LATER, MetricKind::Gauge, "Deliveries whose next attempt is later; counted to 10,000."),
    metric(
        DELIVERIES_HELD,
        MetricKind::Gauge,
        "Deliveries of webhooks that a restore holds until the operator releases them; counted to 10,000.",
    ),
    metric(DELIVERY_SECONDS, OTHERS, "Seconds of one attempt to deliver a webhook."),
    metric(CHORES, MetricKind::Counter, "Runs of the worker's chores, by chore and outcome."),
    metric(CHORE_SECONDS, OTHERS, "Seconds of a chore's run."),
    metric(
        CHORE_SUCCESS,
        MetricKind::Gauge,
        "When a chore last succeeded, in seconds since 1970; 0 if it has not yet.",
    ),
    metric(
        CHORE_DUE,
        MetricKind::Gauge,
        "Rows that a chore has to process, counted to 1,000; for prune and retain those of the last round, 0 when done.",
    ),
    metric(RATE_LIMITED, MetricKind::Counter, "Requests that rate limits refused, by the limit's code."),
    metric(HASHES, MetricKind::Gauge, "Passwords that are being hashed, or wait for their turn."),
    metric(HASHES_REFUSED, MetricKind::Counter, "Passwords that were not hashed, because too many waited."),
    metric(TRACES, MetricKind::Counter, "Batches of spans sent to the collector of traces, by outcome."),
];

/// The worker's chores, by their names in metrics.
pub const CHORE_NAMES: [&str; 11] = [
    "cut",
    "deliver_webhooks",
    "erase",
    "expire",
    "index",
    "jobs",
    "prune",
    "record_failed_sign_ins",
    "remind",
    "retain",
    "send_mail",
];

/// The chores for which [`Queues`] says how much is due.
pub const CHORES_IN_QUEUES: [&str; 6] = ["cut", "erase", "expire", "jobs", "record_failed_sign_ins", "remind"];

/// Starts measuring. Returns the handle that renders the metrics, or an error if it has been called before.
pub fn install() -> Result<PrometheusHandle, String> {
    let mut builder = PrometheusBuilder::new();
    for metric in ALL {
        if let MetricKind::Histogram(bounds) = metric.kind {
            let full = Matcher::Full(metric.name.to_owned());
            builder = builder.set_buckets_for_metric(full, bounds).map_err(|error| error.to_string())?;
        }
    }
    let handle = builder.install_recorder().map_err(|error| error.to_string())?;
    for Metric { name, kind, help } in ALL {
        match kind {
            MetricKind::Counter => describe_counter!(*name, *help),
            MetricKind::Gauge => describe_gauge!(*name, *help),
            MetricKind::Histogram(_) => describe_histogram!(*name, *help),
        }
    }
    begin();
    Ok(handle)
}

/// Creates the counters whose labels are known: a counter that does not exist until it counts hides its first count.
fn begin() {
    for why in ["made_room", "refused"] {
        counter!(CONNECTIONS_ENDED, "why" => why).increment(0);
    }
    for outcome in ["sent", "deferred", "failed", "cancelled"] {
        counter!(MAILS, "outcome" => outcome).increment(0);
    }
    for outcome in ["delivered", "deferred", "failed"] {
        counter!(DELIVERIES, "outcome" => outcome).increment(0);
    }
    for chore in CHORE_NAMES {
        for outcome in ["ok", "failed"] {
            counter!(CHORES, "chore" => chore, "outcome" => outcome).increment(0);
        }
        gauge!(CHORE_SUCCESS, "chore" => chore).set(0);
    }
    for code in RateLimit::codes() {
        counter!(RATE_LIMITED, "limit" => code).increment(0);
    }
    for outcome in ["ok", "failed"] {
        counter!(TRACES, "outcome" => outcome).increment(0);
    }
    for state in ["running", "waiting"] {
        gauge!(HASHES, "state" => state).set(0);
    }
    for storing in [Storing::Read, Storing::Write] {
        gauge!(DATABASE_WAITING, "for" => storing.as_str()).set(0);
    }
    counter!(HASHES_REFUSED).increment(0);
    gauge!(REQUESTS_NOW).set(0);
    gauge!(CONNECTIONS).set(0);
}

/// One unit of a gauge, which is subtracted again when this is dropped.
#[must_use]
pub struct Counted(metrics::Gauge);

impl Counted {
    fn begin(gauge: metrics::Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// Records which version this is, which kind of database it uses, and whether it sends mails.
pub fn build(database: &'static str, has_mail_server: bool) {
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION"), "database" => database).set(1);
    gauge!(MAIL_SERVER).set(f64::from(u8::from(has_mail_server)));
}

pub fn request_begins() -> Counted {
    Counted::begin(gauge!(REQUESTS_NOW))
}

/// Records a request that was answered. `route` is the pattern, never the path.
pub fn request_answered(method: &'static str, route: &str, status: u16, took: Duration) {
    let route = route.to_owned();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
    histogram!(REQUEST_SECONDS, "method" => method, "route" => route).record(took);
}

pub fn connection() -> Counted {
    Counted::begin(gauge!(CONNECTIONS))
}

pub fn connections_at_most(count: usize) {
    gauge!(CONNECTIONS_MAX).set(real(count));
}

pub fn connection_made_room() {
    counter!(CONNECTIONS_ENDED, "why" => "made_room").increment(1);
}

pub fn connection_refused() {
    counter!(CONNECTIONS_ENDED, "why" => "refused").increment(1);
}

/// Counts a caller that waits for a connection to the database or, on SQLite, for the writer's turn.
pub fn waits_for_database(storing: Storing) -> Counted {
    Counted::begin(gauge!(DATABASE_WAITING, "for" => storing.as_str()))
}

pub fn database_connections(used: usize, idle: usize) {
    gauge!(DATABASE_CONNECTIONS, "state" => "used").set(real(used));
    gauge!(DATABASE_CONNECTIONS, "state" => "idle").set(real(idle));
}

/// Records the size of a file of SQLite's: `file` is `database` or `wal`.
pub fn database_file(file: &'static str, bytes: u64) {
    gauge!(DATABASE_BYTES, "file" => file).set(bytes as f64);
}

/// Records that so many writes were committed together.
pub fn group_committed(writes: usize) {
    histogram!(GROUP_SIZE).record(real(writes));
}

pub fn stored(storing: Storing, took: Duration) {
    histogram!(STORE_SECONDS, "work" => storing.as_str()).record(took);
}

/// Records that the outcome of an attempt to send a mail has been saved. States that are not an outcome of an attempt
/// are ignored.
pub fn mail_settled(state: MailState) {
    let outcome = match state {
        MailState::Sent => "sent",
        MailState::Deferred => "deferred",
        MailState::Failed => "failed",
        MailState::Cancelled => "cancelled",
        MailState::Queued | MailState::LinkOnly | MailState::Held => return,
    };
    counter!(MAILS, "outcome" => outcome).increment(1);
}

pub fn mail_handed_over(took: Duration) {
    histogram!(MAIL_SECONDS).record(took);
}

/// Records that the outcome of an attempt to deliver a webhook has been saved. A pending delivery will be tried again.
pub fn delivery_settled(state: WebhookDeliveryState) {
    let outcome = match state {
        WebhookDeliveryState::Delivered => "delivered",
        WebhookDeliveryState::Pending => "deferred",
        WebhookDeliveryState::Failed => "failed",
        WebhookDeliveryState::Cancelled | WebhookDeliveryState::Held => return,
    };
    counter!(DELIVERIES, "outcome" => outcome).increment(1);
}

pub fn webhook_attempted(took: Duration) {
    histogram!(DELIVERY_SECONDS).record(took);
}

/// Runs a chore and measures it. `name` is one of [`CHORE_NAMES`].
pub async fn chore<T, E>(name: &'static str, run: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let begun = std::time::Instant::now();
    let done = run.await;
    chore_ran(name, begun.elapsed(), done.is_ok());
    done
}

/// Records what the last round of a chore did, 0 if nothing is left. It is for chores that nothing waits for. `None`
/// means that the round failed, so that the number is unknown.
pub fn chore_left(name: &'static str, done: Option<u64>) {
    gauge!(CHORE_DUE, "chore" => name).set(done.map_or(f64::NAN, whole));
}

/// Records that a chore has run.
pub fn chore_ran(name: &'static str, took: Duration, is_ok: bool) {
    histogram!(CHORE_SECONDS, "chore" => name).record(took);
    counter!(CHORES, "chore" => name, "outcome" => if is_ok { "ok" } else { "failed" }).increment(1);
    if is_ok {
        // the machine's clock, because Prometheus compares the value with its own
        let seconds = u32::try_from(SystemClock.now().timestamp()).unwrap_or(u32::MAX);
        gauge!(CHORE_SUCCESS, "chore" => name).set(f64::from(seconds));
    }
}

pub fn rate_limited(limit: RateLimit) {
    counter!(RATE_LIMITED, "limit" => limit.code()).increment(1);
}

pub fn password_waits() -> Counted {
    Counted::begin(gauge!(HASHES, "state" => "waiting"))
}

pub fn password_is_hashed() -> Counted {
    Counted::begin(gauge!(HASHES, "state" => "running"))
}

pub fn password_refused() {
    counter!(HASHES_REFUSED).increment(1);
}

/// Records whether a batch of spans reached the collector.
pub fn traces_sent(is_ok: bool) {
    counter!(TRACES, "outcome" => if is_ok { "ok" } else { "failed" }).increment(1);
}

/// The numbers of what waits in the database's queues.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queues {
    pub mails: Vec<(Urgency, WaitingCounts)>,
    pub deliveries: WaitingCounts,
    pub held_mails: u64,
    pub held_deliveries: u64,
    /// What is due, for each of [`CHORES_IN_QUEUES`].
    pub chores: Vec<(&'static str, u64)>,
}

/// How many are waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WaitingCounts {
    /// Those that wait for their turn.
    pub due: u64,
    /// Those that wait for the time of their next attempt.
    pub later: u64,
    /// How many seconds the oldest of those that are due has been due.
    pub oldest_seconds: f64,
}

/// Sets the metrics of the queues. `None` means that the database did not answer: then they are unknown, and become
/// NaN, which draws a gap.
pub fn queues(read: Option<&Queues>) {
    gauge!(DATABASE_UP).set(f64::from(u8::from(read.is_some())));
    let shown = |value: Option<f64>| value.unwrap_or(f64::NAN);
    for urgency in [Urgency::Now, Urgency::Soon, Urgency::Later] {
        let found = |queues: &Queues| queues.mails.iter().find(|(of, _)| *of == urgency).map(|(_, waiting)| *waiting);
        let (waiting, word) = (read.map(|queues| found(queues).unwrap_or_default()), word(urgency));
        gauge!(MAILS_DUE, "urgency" => word).set(shown(waiting.map(|waiting| whole(waiting.due))));
        gauge!(MAILS_AGE, "urgency" => word).set(shown(waiting.map(|waiting| waiting.oldest_seconds)));
        gauge!(MAILS_LATER, "urgency" => word).set(shown(waiting.map(|waiting| whole(waiting.later))));
    }
    let waiting = read.map(|queues| queues.deliveries);
    gauge!(DELIVERIES_DUE).set(shown(waiting.map(|waiting| whole(waiting.due))));
    gauge!(DELIVERIES_AGE).set(shown(waiting.map(|waiting| waiting.oldest_seconds)));
    gauge!(DELIVERIES_LATER).set(shown(waiting.map(|waiting| whole(waiting.later))));
    gauge!(MAILS_HELD).set(shown(read.map(|queues| whole(queues.held_mails))));
    gauge!(DELIVERIES_HELD).set(shown(read.map(|queues| whole(queues.held_deliveries))));
    for chore in CHORES_IN_QUEUES {
        let due = read.map(|queues| queues.chores.iter().find(|(of, _)| *of == chore).map_or(0, |(_, due)| *due));
        gauge!(CHORE_DUE, "chore" => chore).set(shown(due.map(whole)));
    }
}

fn word(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Now => "now",
        Urgency::Soon => "soon",
        Urgency::Later => "later",
    }
}

/// Converts a count to a float. No count exceeds `u32::MAX` in practice; a greater one is reported as that.
fn real(count: usize) -> f64 {
    whole(u64::try_from(count).unwrap_or(u64::MAX))
}

fn whole(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_metric_is_there_once_and_its_name_says_its_unit() {
        let names: HashSet<&str> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for Metric { name, kind, help } in ALL {
            assert_eq!(name.ends_with("_total"), *kind == MetricKind::Counter, "{name}");
            assert!(name.starts_with("vestibule_") && help.ends_with('.'), "{name}: {help}");
        }
    }
}
