//! What an operator sees of the running program: its log, its metrics, and its traces.
//!
//! Every layer may call [`metrics`] and [`traces`]: one line where something happens, which costs next to nothing while
//! nobody collects them. The values passed in are numbers or from a closed list, never an address, an id or a path.

pub mod metrics;
pub mod storing;
pub mod traces;

use std::io::IsTerminal;
use traces::Exporting;
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::{Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Starts the log on standard error, one line per event, as text or as JSON. `RUST_LOG` takes precedence over the
/// setting, as people expect. Also starts sending traces if the standard variables name a collector. Returns an error
/// that names the setting if the filter is invalid or the collector can't be used.
pub fn start(filter: &str, format: LogFormat) -> Result<Exporting, String> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| filter.to_owned());
    let filter = EnvFilter::try_new(&filter).map_err(|error| format!("log is {filter:?}: {error}"))?;
    let (layer, exporting) = traces::exporter()?.unzip();
    // spans of traces do not belong in the log
    let filter = filter.and(filter_fn(|metadata| metadata.target() != traces::TARGET));
    tracing_subscriber::registry().with(layer).with(log(format).with_filter(filter)).init();
    Ok(exporting.unwrap_or_default())
}

fn log<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    // colours are for people: in a file or a journal, their codes would be in the middle of the text
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}

/// The layer that sends the spans of traces.
type TraceLayer = Box<dyn Layer<Registry> + Send + Sync>;
