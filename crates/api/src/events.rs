//! Events: read page by page without gaps or duplicates, exported as a file, or followed as a stream.

use super::{
    ApiState,
    caller::OrganizationScope,
    filter::{Filter, FilteredQuery},
    problem::{ApiResult, Problem},
    reading::limit,
    wire::EventBody,
};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::{self, KeepAlive, Sse};
use futures::{Stream, StreamExt, future::ready, stream};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_core::service::Error;
use vestibule_domain::{Event, Permission, Violation};
use vestibule_web::export::{Format, file};

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export)).routes(routes!(follow))
}

/// Where in the list of events to read, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `next_cursor` of the previous page. Without it, the list starts at the first event.
    cursor: Option<String>,
    /// The number of events per page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

/// The format of an export.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportParams {
    #[param(value_type = Option<String>, pattern = "^(csv|ndjson)$", default = "csv")]
    format: Option<Format>,
}

/// Events in the order in which they happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Events)]
pub struct Events {
    data: Vec<EventBody>,
    /// Never null: send it again later to get what has happened since.
    #[schema(example = "128")]
    next_cursor: String,
    /// Whether there are more events already.
    has_more: bool,
}

/// List events
///
/// Oldest first. If you follow `next_cursor`, you miss no event and see none twice. An event has to match all filters
/// that are given.
#[utoipa::path(get, path = "/organizations/{org}/events", tag = "events", operation_id = "list_events",
    params(ListParams, Filter), responses((status = 200, body = Events)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    FilteredQuery(query, filter): FilteredQuery<ListParams>,
) -> ApiResult<vestibule_web::Json<Events>> {
    let (after, limit) = (place(query.cursor.as_deref())?, limit(query.limit)?);
    let mut events = state.vestibule.audit().after(&scope, &filter.read()?, after, limit).await?;
    let has_more = events.len() > limit as usize;
    events.truncate(limit as usize);
    let next_cursor = events.last().map_or(after, |event| event.number).to_string();
    Ok(vestibule_web::Json(Events { data: events.into_iter().map(EventBody::from).collect(), next_cursor, has_more }))
}

/// Export events
///
/// A file of all matching events up to now, oldest first. CSV starts with a header line, and has an apostrophe before
/// each value that a spreadsheet would run as a formula. NDJSON has one event per line, in the same form as the list. A
/// response that breaks off is incomplete.
#[utoipa::path(get, path = "/organizations/{org}/events/export", tag = "events", operation_id = "export_events",
    params(ExportParams, Filter), responses((status = 200, content((String = "text/csv"), (String = "application/x-ndjson")),
        description = "The file.")))]
async fn export(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    FilteredQuery(query, filter): FilteredQuery<ExportParams>,
) -> ApiResult<Response> {
    let events = state.vestibule.audit().all(&scope, filter.read()?).await?;
    Ok(file(query.format.unwrap_or(Format::Csv), &format!("{}-events", scope.organization().slug), events))
}

/// Follow events
///
/// Server-sent events, from now on or from `Last-Event-ID` on. `event` is the action, `id` the event's number, `data`
/// the event.
#[utoipa::path(get, path = "/organizations/{org}/events/stream", tag = "events", operation_id = "follow_events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The number of the last event that you received.",
        pattern = "^[0-9]{1,18}$")),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn follow(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    headers: HeaderMap,
) -> ApiResult<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>> {
    let last = headers.get("last-event-id").map(|id| place(Some(id.to_str().unwrap_or_default()))).transpose()?;
    if !scope.has(Permission::AuditRead) {
        return Err(Error::Forbidden(Permission::AuditRead).into());
    }
    let (until, batches) = (Box::pin(state.vestibule.stopping()), state.vestibule.feed().after(&scope, last));
    // check after each batch, an empty one too, whether the key still has access
    let batches = batches.then(move |batch| {
        let (vestibule, scope) = (state.vestibule.clone(), scope.clone());
        async move {
            let stands = vestibule.stands(&scope, Permission::AuditRead).await.unwrap_or(false);
            batch.ok().filter(|_| stands)
        }
    });
    let events = batches
        .take_while(|batch| ready(batch.is_some()))
        .flat_map(|batch| stream::iter(batch.unwrap_or_default().into_iter().map(|event| Ok(message(event)))));
    Ok(Sse::new(events.take_until(until)).keep_alive(KeepAlive::default()))
}

fn message(event: Event) -> sse::Event {
    let (number, action) = (event.number.to_string(), event.fact.action());
    let message = sse::Event::default().id(number).event(action);
    message.json_data(EventBody::from(event)).unwrap_or_default()
}

/// Parses a cursor, which is the number of the last event that the client has seen.
fn place(cursor: Option<&str>) -> Result<u64, Problem> {
    let refused = |_| {
        let violation = Violation::new("cursor", "cursor", "This is not a valid cursor. Start without one.");
        Problem::from(Error::invalid(violation))
    };
    cursor.map_or(Ok(0), |cursor| cursor.parse::<u64>().map_err(refused))
}
