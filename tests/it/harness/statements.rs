//! What the store sends to its database while a test listens.

use super::log;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tracing::{
    Event, Instrument, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Span},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// The span of those who listen.
const SPAN: &str = "statements";
/// What sqlx calls a statement in its log, and what the server adds to one.
const STATEMENT: &str = "sqlx::query";
const NOTICE: &str = "sqlx::postgres::notice";

static LISTENING: AtomicUsize = AtomicUsize::new(0);
static HEARD: Mutex<BTreeMap<u64, Vec<Heard>>> = Mutex::new(BTreeMap::new());

/// Something that was heard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// The text of a statement.
    Statement(String),
    /// What PostgreSQL said of one.
    Notice(String),
}

/// An ear for all statements of some work, also of those that SQLite's own threads carry out. What the work leaves to
/// other tasks is not heard.
pub struct Statements {
    number: u64,
    span: Span,
}

impl Statements {
    pub fn listen() -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        log::keep_asking();
        LISTENING.fetch_add(1, Ordering::SeqCst);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        HEARD.lock().unwrap().insert(number, Vec::new());
        Self { number, span: tracing::info_span!("statements", number) }
    }

    /// Does the work and listens.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.span.clone()).await
    }

    /// What was heard until now.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(HEARD.lock().unwrap().get_mut(&self.number).unwrap())
    }
}

impl Drop for Statements {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::SeqCst);
        HEARD.lock().unwrap().remove(&self.number);
    }
}

/// Whether anybody listens to what this says.
pub fn is_heard(metadata: &Metadata<'_>) -> bool {
    let is_ours = metadata.name() == SPAN || [STATEMENT, NOTICE].contains(&metadata.target());
    is_ours && LISTENING.load(Ordering::Relaxed) > 0
}

/// The part of the log that hears.
pub struct Ear;

/// Who listens in a span.
struct Listener(u64);

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Ear {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(number), Some(span)) = (fields.number, context.span(id)) {
            span.extensions_mut().insert(Listener(number));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let listener = context
            .event_scope(event)
            .and_then(|mut scope| scope.find_map(|span| span.extensions().get::<Listener>().map(|Listener(of)| *of)));
        let Some(listener) = listener else { return };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let heard = match event.metadata().target() {
            NOTICE => Heard::Notice(fields.message),
            // a short statement is its own summary
            _ if fields.statement.is_empty() => Heard::Statement(fields.summary),
            _ => Heard::Statement(fields.statement),
        };
        if let Some(all) = HEARD.lock().unwrap().get_mut(&listener) {
            all.push(heard);
        }
    }
}

#[derive(Default)]
struct Fields {
    number: Option<u64>,
    summary: String,
    statement: String,
    message: String,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "number" {
            self.number = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.statement),
            "message" => value.clone_into(&mut self.message),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" && self.message.is_empty() {
            self.message = format!("{value:?}");
        }
    }
}
