//! API keys: created, listed, read and revoked.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    dependents::{Dependency, DependentsBody},
    problem::ApiResult,
    reading::{Json, Query, created, tagged},
    roles::PermissionName,
    wire::{ApiKeyBody, List},
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_core::service::NewApiKey;
use vestibule_domain::{ApiKeyId, Permission, Surface, clock};

/// An API key to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiKey)]
pub struct NewApiKeyBody {
    #[schema(min_length = 1, max_length = 100, example = "ci")]
    name: String,
    /// At most the permissions of the key that creates it.
    #[schema(value_type = Vec<PermissionName>, min_items = 1, max_items = 100, example = json!(["org.user.read", "org.user.invite"]))]
    permissions: Vec<Permission>,
    /// Absent or null: the key works until it is revoked.
    #[serde(default, deserialize_with = "clock::read")]
    expires_at: Option<DateTime<Utc>>,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, revoke)).routes(routes!(dependents))
}

/// List keys
///
/// All keys, newest first, including revoked and expired ones.
#[utoipa::path(get, path = "/organizations/{org}/keys", tag = "keys", operation_id = "list_keys",
    responses((status = 200, body = List<ApiKeyBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
) -> ApiResult<vestibule_web::Json<List<ApiKeyBody>>> {
    let keys = state.vestibule.api_keys().all(&scope).await?;
    Ok(vestibule_web::Json(List::whole(keys.into_iter().map(ApiKeyBody::from).collect())))
}

/// Create a key
///
/// The answer has the `token`, and is the only one that does: repeating the request returns the key without it.
#[utoipa::path(post, path = "/organizations/{org}/keys", tag = "keys", operation_id = "create_key",
    request_body = NewApiKeyBody, responses((status = 201, body = ApiKeyBody)))]
async fn create(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<NewApiKeyBody>,
) -> ApiResult<Response> {
    let new = json.into_inner();
    let new = NewApiKey {
        surface: Surface::Native,
        name: new.name,
        permissions: new.permissions,
        expires_at: new.expires_at,
    };
    let (key, token) = state.vestibule.api_keys().create(&scope, &new).await?;
    let path = format!("/organizations/{}/keys/{}", scope.organization().slug, key.id);
    let body = ApiKeyBody { token: token.map(|token| token.as_str().to_owned()), ..key.clone().into() };
    Ok(created(&path, &key, body))
}

/// Read a key
#[utoipa::path(get, path = "/organizations/{org}/keys/{id}", tag = "keys", operation_id = "get_key",
    responses((status = 200, body = ApiKeyBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<ApiKeyId>,
) -> ApiResult<Response> {
    let key = state.vestibule.api_keys().get(&scope, id).await?;
    Ok(tagged(StatusCode::OK, &key.clone(), ApiKeyBody::from(key)))
}

/// Revoke a key
///
/// The key stops working immediately; its record remains. Keys, webhooks and open invitations that were created with it
/// end as well, unless you take them over. Revoking a key twice is not an error.
#[utoipa::path(delete, path = "/organizations/{org}/keys/{id}", tag = "keys", operation_id = "revoke_key",
    params(Dependency), responses((status = 204)))]
async fn revoke(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<ApiKeyId>,
    query: Query<Dependency>,
) -> ApiResult<StatusCode> {
    state.vestibule.api_keys().revoke(&query.0.of(scope), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List a key's dependents
///
/// Active keys, enabled webhooks and open invitations that were created with this key, or with a key that was created
/// with it. Revoking the key ends them.
#[utoipa::path(get, path = "/organizations/{org}/keys/{id}/dependents", tag = "keys",
    operation_id = "list_key_dependents", responses((status = 200, body = DependentsBody)))]
async fn dependents(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<ApiKeyId>,
) -> ApiResult<vestibule_web::Json<DependentsBody>> {
    Ok(vestibule_web::Json(state.vestibule.dependents().of_key(&scope, id).await?.into()))
}
