//! Deliveries of events to webhooks, and every attempt of each.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    problem::ApiResult,
    reading::{Query, limit},
    wire::List,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use vestibule_core::service::WebhookDeliveryDetail;
use vestibule_domain::webhook::{Attempt, WebhookDelivery, WebhookDeliveryState};
use vestibule_domain::{Event, WebhookDeliveryId, WebhookEndpointId, clock};

/// The delivery of one event to one webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct WebhookDeliveryBody {
    id: Uuid,
    webhook_id: Uuid,
    /// The id of the event, which the header `webhook-id` also has.
    event_id: Uuid,
    #[schema(example = "invitation.accepted")]
    action: &'static str,
    #[schema(value_type = String, example = "delivered")]
    state: WebhookDeliveryState,
    /// The number of attempts so far.
    attempts: u32,
    /// When the next attempt is due. Null once the delivery is no longer pending.
    #[serde(serialize_with = "clock::write_option")]
    due_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "clock::write")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "clock::write_option")]
    done_at: Option<DateTime<Utc>>,
}

impl WebhookDeliveryBody {
    fn new(delivery: WebhookDelivery, event: &Event) -> Self {
        Self {
            id: delivery.id.uuid(),
            webhook_id: delivery.endpoint_id.uuid(),
            event_id: delivery.event_id.uuid(),
            action: event.fact.action(),
            state: delivery.state,
            attempts: delivery.attempts,
            due_at: (delivery.state == WebhookDeliveryState::Pending).then_some(delivery.due_at),
            created_at: delivery.created_at,
            done_at: delivery.done_at,
        }
    }
}

/// A delivery with its payload and the result of each attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryDetail)]
pub struct WebhookDeliveryDetailBody {
    #[serde(flatten)]
    delivery: WebhookDeliveryBody,
    /// The request body.
    #[schema(value_type = Object)]
    payload: Value,
    /// Oldest first.
    tries: Vec<AttemptBody>,
}

impl From<WebhookDeliveryDetail> for WebhookDeliveryDetailBody {
    fn from(detail: WebhookDeliveryDetail) -> Self {
        Self {
            delivery: WebhookDeliveryBody::new(detail.delivery, &detail.event),
            payload: serde_json::from_str(&detail.payload).unwrap_or_default(),
            tries: detail.attempts.into_iter().map(AttemptBody::from).collect(),
        }
    }
}

/// One attempt of a delivery.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct AttemptBody {
    at: DateTime<Utc>,
    /// How long the attempt took.
    milliseconds: u32,
    /// The status that the endpoint answered with. Null if there was no answer.
    status: Option<u16>,
    /// Why there was no answer, like `blocked_destination`.
    error: Option<String>,
    /// The first 4 KB of the answer.
    answer: String,
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        let Attempt { at, milliseconds, status, error, answer, retry_after: _ } = attempt;
        Self { at, milliseconds, status, error, answer }
    }
}

/// The filter and page of a list of deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `next_cursor` or `previous_cursor` of another page of the same list.
    cursor: Option<String>,
    /// The number of rows per page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    #[param(value_type = Option<String>, pattern = "^(pending|delivered|failed|cancelled)$")]
    state: Option<WebhookDeliveryState>,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(replay))
}

/// List a webhook’s deliveries
///
/// Newest first. Finished deliveries are kept for 30 days.
#[utoipa::path(get, path = "/organizations/{org}/webhooks/{id}/deliveries", tag = "webhooks",
    operation_id = "list_deliveries", params(ListParams), responses((status = 200, body = List<WebhookDeliveryBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookEndpointId>,
    query: Query<ListParams>,
) -> ApiResult<vestibule_web::Json<List<WebhookDeliveryBody>>> {
    let asked = query.0;
    let limit = limit(asked.limit)?;
    let found =
        state.vestibule.webhook_deliveries().page(&scope, id, asked.state, asked.cursor.as_deref(), limit).await?;
    let total = found.counts.of(asked.state);
    Ok(vestibule_web::Json(List::of(found.page, total, |(delivery, event)| WebhookDeliveryBody::new(delivery, &event))))
}

/// Read a delivery
#[utoipa::path(get, path = "/organizations/{org}/deliveries/{id}", tag = "webhooks", operation_id = "get_delivery",
    responses((status = 200, body = WebhookDeliveryDetailBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookDeliveryId>,
) -> ApiResult<vestibule_web::Json<WebhookDeliveryDetailBody>> {
    Ok(vestibule_web::Json(state.vestibule.webhook_deliveries().get(&scope, id).await?.into()))
}

/// Send a delivery again now
///
/// Sends the same body under the same `webhook-id`, with a new timestamp, and starts the retry schedule over.
#[utoipa::path(post, path = "/organizations/{org}/deliveries/{id}/replay", tag = "webhooks",
    operation_id = "replay_delivery", responses((status = 200, body = WebhookDeliveryDetailBody)))]
async fn replay(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookDeliveryId>,
) -> ApiResult<vestibule_web::Json<WebhookDeliveryDetailBody>> {
    Ok(vestibule_web::Json(state.vestibule.webhook_deliveries().replay(&scope, id).await?.into()))
}
