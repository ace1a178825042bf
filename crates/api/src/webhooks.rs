//! Webhooks: the endpoints that events are sent to, and their secrets.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    problem::ApiResult,
    reading::{Json, created, tagged},
    wire::{ActorBody, List},
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use vestibule_core::service::WebhookEndpointEdit;
use vestibule_domain::webhook::{DisabledWhy, WebhookEndpoint};
use vestibule_domain::{Fact, WebhookEndpointId};

/// A webhook with its state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookBody {
    id: Uuid,
    #[schema(example = "https://app.example/webhooks")]
    url: String,
    description: Option<String>,
    /// The actions that are sent. Empty: all actions.
    #[schema(example = json!(["invitation.accepted", "member.added"]))]
    actions: Vec<String>,
    enabled: bool,
    /// Why the webhook is disabled.
    #[schema(value_type = Option<String>, example = "failing")]
    disabled_why: Option<DisabledWhy>,
    disabled_at: Option<DateTime<Utc>>,
    /// Since when every attempt has failed. After five days the webhook is disabled.
    failing_since: Option<DateTime<Utc>>,
    /// When the secret was last replaced. For 24 hours after that, the previous secret signs as well.
    rotated_at: Option<DateTime<Utc>>,
    /// Who created the webhook; it works only while they can manage webhooks. Null: the organization itself.
    created_by: Option<ActorBody>,
    created_at: DateTime<Utc>,
    /// Verifies signatures. Present only in the answer that created or rotated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_…")]
    secret: Option<String>,
}

impl From<WebhookEndpoint> for WebhookBody {
    fn from(endpoint: WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id.uuid(),
            url: endpoint.url.as_str().to_owned(),
            description: endpoint.description.map(|text| text.to_string()),
            actions: endpoint.actions,
            enabled: endpoint.disabled.is_none(),
            disabled_why: endpoint.disabled.map(|disabled| disabled.why),
            disabled_at: endpoint.disabled.map(|disabled| disabled.at),
            failing_since: endpoint.failing_since,
            rotated_at: endpoint.rotated_at,
            created_by: endpoint.created_by.map(Into::into),
            created_at: endpoint.created_at,
            secret: None,
        }
    }
}

/// A webhook to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub struct NewWebhookBody {
    /// An `https` or `http` URL on the public internet, on port 443, 80 or above 1024.
    #[schema(max_length = 2000, example = "https://app.example/webhooks")]
    url: String,
    #[schema(max_length = 100)]
    description: Option<String>,
    /// The actions to send. Absent or empty: all actions.
    #[schema(value_type = Option<Vec<ActionName>>, max_items = 100, example = json!(["invitation.accepted"]))]
    actions: Option<Vec<String>>,
}

/// The changes to a webhook. Fields that are not sent keep their value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookEdit)]
pub struct WebhookEditBody {
    #[schema(nullable = false, max_length = 2000)]
    url: Option<String>,
    /// Null removes it.
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<String>, max_length = 100)]
    description: Option<Option<String>>,
    #[schema(value_type = Option<Vec<ActionName>>, max_items = 100, nullable = false)]
    actions: Option<Vec<String>>,
    /// True enables the webhook again; false disables it and drops pending deliveries.
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// The name of an action; used only in the document.
pub struct ActionName;

impl utoipa::PartialSchema for ActionName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Fact::ACTIONS))
            .into()
    }
}

impl ToSchema for ActionName {}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, edit, delete)).routes(routes!(rotate))
}

/// List webhooks
///
/// All of them, newest first.
#[utoipa::path(get, path = "/organizations/{org}/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    responses((status = 200, body = List<WebhookBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
) -> ApiResult<vestibule_web::Json<List<WebhookBody>>> {
    let endpoints = state.vestibule.webhook_endpoints().all(&scope).await?;
    Ok(vestibule_web::Json(List::whole(endpoints.into_iter().map(WebhookBody::from).collect())))
}

/// Create a webhook
///
/// The answer has its `secret`. From now on each event is sent to the URL as a POST, signed by the Standard Webhooks
/// specification: `webhook-id` (the event's id, the same at each attempt), `webhook-timestamp`, `webhook-signature`.
/// Answer with 2xx within 20 seconds; after anything else it is sent again, over about three days.
#[utoipa::path(post, path = "/organizations/{org}/webhooks", tag = "webhooks", operation_id = "create_webhook",
    request_body = NewWebhookBody, responses((status = 201, body = WebhookBody)))]
async fn create(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<NewWebhookBody>,
) -> ApiResult<Response> {
    let new = json.into_inner();
    let new = WebhookEndpointEdit {
        url: Some(new.url),
        description: new.description,
        actions: new.actions,
        enabled: Some(true),
    };
    let (endpoint, secret) = state.vestibule.webhook_endpoints().create(&scope, &new).await?;
    let path = format!("/organizations/{}/webhooks/{}", scope.organization().slug, endpoint.id);
    let body = WebhookBody { secret: Some(secret.text()), ..endpoint.clone().into() };
    Ok(created(&path, &endpoint, body))
}

/// Read a webhook
#[utoipa::path(get, path = "/organizations/{org}/webhooks/{id}", tag = "webhooks", operation_id = "get_webhook",
    responses((status = 200, body = WebhookBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookEndpointId>,
) -> ApiResult<Response> {
    let endpoint = state.vestibule.webhook_endpoints().get(&scope, id).await?;
    Ok(tagged(StatusCode::OK, &endpoint.clone(), WebhookBody::from(endpoint)))
}

/// Edit a webhook
#[utoipa::path(patch, path = "/organizations/{org}/webhooks/{id}", tag = "webhooks", operation_id = "edit_webhook",
    request_body = WebhookEditBody, responses((status = 200, body = WebhookBody)))]
async fn edit(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookEndpointId>,
    json: Json<WebhookEditBody>,
) -> ApiResult<Response> {
    let edit = json.into_inner();
    let edit = WebhookEndpointEdit {
        url: edit.url,
        description: edit.description.map(Option::unwrap_or_default),
        actions: edit.actions,
        enabled: edit.enabled,
    };
    let endpoint = state.vestibule.webhook_endpoints().edit(&scope, id, &edit).await?;
    Ok(tagged(StatusCode::OK, &endpoint.clone(), WebhookBody::from(endpoint)))
}

/// Delete a webhook
///
/// Also deletes the record of its deliveries.
#[utoipa::path(delete, path = "/organizations/{org}/webhooks/{id}", tag = "webhooks", operation_id = "delete_webhook",
    responses((status = 204)))]
async fn delete(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookEndpointId>,
) -> ApiResult<StatusCode> {
    state.vestibule.webhook_endpoints().delete(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace a webhook’s secret
///
/// The answer has the new secret. For 24 hours both secrets sign.
#[utoipa::path(post, path = "/organizations/{org}/webhooks/{id}/rotation", tag = "webhooks",
    operation_id = "rotate_webhook", responses((status = 200, body = WebhookBody)))]
async fn rotate(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<WebhookEndpointId>,
) -> ApiResult<Response> {
    let (endpoint, secret) = state.vestibule.webhook_endpoints().rotate(&scope, id).await?;
    let body = WebhookBody { secret: Some(secret.text()), ..endpoint.clone().into() };
    Ok(tagged(StatusCode::OK, &endpoint, body))
}
