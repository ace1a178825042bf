//! Events as a file, and what other files of many lines have in common with it: it is sent while it is read, so that it
//! can have any number of lines.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::EnumString;
use vestibule_core::service::{Batch, Error};
use vestibule_domain::{Actor, Event, Subjects};

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// CSV with a header line. Cells that a spreadsheet would take for a formula begin with an apostrophe.
    Csv,
    /// One JSON object per line. That of an event is the same as in the API.
    Ndjson,
}

const COLUMNS: [&str; 11] = [
    "number",
    "at",
    "action",
    "actor_type",
    "actor_id",
    "actor",
    "subject",
    "invitation_id",
    "member_id",
    "data",
    "hash",
];

/// An event as programs outside of Vestibule read it.
#[derive(Serialize)]
struct Line {
    id: String,
    number: u64,
    action: &'static str,
    at: String,
    actor: Who,
    invitation_id: Option<String>,
    member_id: Option<String>,
    data: Value,
    hash: String,
}

#[derive(Serialize)]
struct Who {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Returns the response that a browser saves as `{name}.csv` or `{name}.ndjson`. `name` must consist of letters, digits
/// and hyphens.
pub fn file(
    format: Format,
    name: &str,
    batches: impl Stream<Item = Result<Batch, Error>> + Send + 'static,
) -> Response {
    sent(format, name, &COLUMNS, batches, lines)
}

/// Returns the response with the lines that `lines` makes of each batch. `columns` are the header of CSV.
pub(crate) fn sent<T: 'static>(
    format: Format,
    name: &str,
    columns: &[&str],
    batches: impl Stream<Item = Result<T, Error>> + Send + 'static,
    lines: fn(Format, T) -> Vec<u8>,
) -> Response {
    let (kind, ending, head) = match format {
        Format::Csv => {
            let head = row(columns.iter().map(|name| (*name).to_owned()));
            ("text/csv; charset=utf-8; header=present", "csv", head)
        }
        Format::Ndjson => ("application/x-ndjson", "ndjson", Vec::new()),
    };
    let lines = batches.map(move |batch| {
        // the status has been sent, so the only way to report the error is to break off: nobody must take a part for
        // the whole
        let batch = batch.inspect_err(|error| tracing::error!(%error, "An export was interrupted"));
        batch.map(|batch| Bytes::from(lines(format, batch)))
    });
    let head = futures::stream::iter((!head.is_empty()).then(|| Ok(Bytes::from(head))));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.{ending}\""));
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Body::from_stream(head.chain(lines))).into_response()
}

/// Returns the response that a browser saves as `{name}.json`. The pieces together are one document.
pub fn document(name: &str, pieces: impl Stream<Item = Result<String, Error>> + Send + 'static) -> Response {
    let pieces = pieces.map(|piece| {
        // as above: nobody must take a part for the whole
        let piece = piece.inspect_err(|error| tracing::error!(%error, "An export of a person was interrupted"));
        piece.map(Bytes::from)
    });
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.json\""));
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

fn lines(format: Format, batch: Batch) -> Vec<u8> {
    let mut text = Vec::new();
    for event in batch.events {
        let subject = subject(&event, &batch.subjects);
        let line = Line::from(event);
        match format {
            Format::Csv => text.extend(row(line.cells(subject))),
            Format::Ndjson => {
                text.extend(serde_json::to_vec(&line).unwrap_or_default());
                text.push(b'\n');
            }
        }
    }
    text
}

/// Returns the invitee of the event's invitation, or without one the name in the fact.
fn subject(event: &Event, subjects: &Subjects) -> String {
    let invitee = event.invitation_id.and_then(|id| subjects.invitations.get(&id));
    invitee.map_or(event.fact.name(), |subject| subject.label()).to_owned()
}

/// Returns a line of CSV.
pub(crate) fn row(cells: impl IntoIterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(cells.into_iter().map(guarded));
    written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default()
}

/// Puts an apostrophe before text that a spreadsheet would run as a formula: names and email addresses are strangers'
/// words.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

impl Line {
    fn cells(self, subject: String) -> [String; COLUMNS.len()] {
        [
            self.number.to_string(),
            self.at,
            self.action.to_owned(),
            self.actor.kind.to_owned(),
            self.actor.id.unwrap_or_default(),
            self.actor.name.unwrap_or_default(),
            subject,
            self.invitation_id.unwrap_or_default(),
            self.member_id.unwrap_or_default(),
            self.data.to_string(),
            self.hash,
        ]
    }
}

impl From<Event> for Line {
    fn from(event: Event) -> Self {
        let data = serde_json::to_value(&event.fact).ok().and_then(|mut fact| fact.get_mut("data").map(Value::take));
        Self {
            id: event.id.to_string(),
            number: event.number,
            action: event.fact.action(),
            at: event.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            actor: event.actor.into(),
            invitation_id: event.invitation_id.map(|id| id.to_string()),
            member_id: event.member_id.map(|id| id.to_string()),
            data: data.unwrap_or_default(),
            hash: event.hash.to_string(),
        }
    }
}

impl From<Actor> for Who {
    fn from(actor: Actor) -> Self {
        let who = |kind, id, name| Self { kind, id: Some(id), name: Some(name) };
        match actor {
            Actor::Member { id, name } => who("user", id.to_string(), name.to_string()),
            Actor::ApiKey { id, name } => who("api_key", id.to_string(), name.to_string()),
            Actor::Invitee => Self { kind: "invitee", id: None, name: None },
            Actor::System => Self { kind: "system", id: None, name: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        for text in ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(guarded(text.to_owned()), format!("'{text}"));
        }
        for text in ["", "Ada", "a=1", " =1", "'=1"] {
            assert_eq!(guarded(text.to_owned()), text);
        }
    }

    #[test]
    fn a_cell_ends_where_it_should() {
        let mut cells = [const { String::new() }; COLUMNS.len()];
        cells[6] = "=HYPERLINK(\"https://evil.example\",\"a\"),\nb".to_owned();
        let text = String::from_utf8(row(cells)).unwrap();
        assert_eq!(text, ",,,,,,\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"a\"\"),\nb\",,,,\n");
    }
}
