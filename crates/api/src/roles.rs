//! Roles: built-in ones can be read; the organization's own can also be created, edited and deleted.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    dependents::Dependency,
    problem::ApiResult,
    reading::{Json, Query, created, tagged},
    wire::{List, RoleBody},
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_core::service::RoleEdit;
use vestibule_domain::{Permission, RoleId};

/// A role to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRole)]
pub struct NewRoleBody {
    /// Unique in the organization, and can never be changed.
    #[schema(pattern = "^[a-z][a-z0-9_-]{1,39}$", example = "billing-reader")]
    key: String,
    #[schema(min_length = 1, max_length = 100, example = "Billing reader")]
    name: String,
    #[schema(value_type = Vec<PermissionName>, max_items = 100, example = json!(["org.read", "org.user.read"]))]
    permissions: Vec<Permission>,
}

/// The changes to a role. Fields that are not sent keep their value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleEdit)]
pub struct RoleEditBody {
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<String>,
    #[schema(nullable = false, value_type = Option<Vec<PermissionName>>, max_items = 100)]
    permissions: Option<Vec<Permission>>,
}

/// One permission of a role or key.
#[derive(ToSchema)]
#[schema(as = Permission, example = "org.user.invite")]
#[expect(dead_code, reason = "the document's names for `Permission`")]
pub enum PermissionName {
    #[schema(rename = "org.read")]
    OrganizationRead,
    #[schema(rename = "org.edit")]
    OrganizationEdit,
    #[schema(rename = "org.user.read")]
    UserRead,
    #[schema(rename = "org.user.invite")]
    UserInvite,
    #[schema(rename = "org.user.edit")]
    UserEdit,
    #[schema(rename = "org.role.edit")]
    RoleEdit,
    #[schema(rename = "org.key.edit")]
    KeyEdit,
    #[schema(rename = "org.webhook.edit")]
    WebhookEndpointEdit,
    #[schema(rename = "org.audit.read")]
    AuditRead,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, edit, delete))
}

/// List roles
///
/// All roles, the built-in ones first.
#[utoipa::path(get, path = "/organizations/{org}/roles", tag = "roles", operation_id = "list_roles",
    responses((status = 200, body = List<RoleBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
) -> ApiResult<vestibule_web::Json<List<RoleBody>>> {
    let roles = state.vestibule.roles().all(&scope).await?;
    Ok(vestibule_web::Json(List::whole(roles.into_iter().map(RoleBody::from).collect())))
}

/// Create a role
///
/// It can't allow more than the key that creates it.
#[utoipa::path(post, path = "/organizations/{org}/roles", tag = "roles", operation_id = "create_role",
    request_body = NewRoleBody, responses((status = 201, body = RoleBody)))]
async fn create(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<NewRoleBody>,
) -> ApiResult<Response> {
    let new = json.into_inner();
    let role = state.vestibule.roles().create(&scope, &new.key, &new.name, &new.permissions).await?;
    let path = format!("/organizations/{}/roles/{}", scope.organization().slug, role.id);
    Ok(created(&path, &role.clone(), RoleBody::from(role)))
}

/// Read a role
#[utoipa::path(get, path = "/organizations/{org}/roles/{id}", tag = "roles", operation_id = "get_role",
    responses((status = 200, body = RoleBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<RoleId>,
) -> ApiResult<Response> {
    let role = state.vestibule.roles().get(&scope, id).await?;
    Ok(tagged(StatusCode::OK, &role.clone(), RoleBody::from(role)))
}

/// Edit a role
///
/// Built-in roles can't be edited. The change applies to members and open invitations immediately. If members with this
/// role created keys, webhooks or open invitations that exceed their new permissions, these are cut or taken over.
#[utoipa::path(patch, path = "/organizations/{org}/roles/{id}", tag = "roles", operation_id = "edit_role",
    params(Dependency), request_body = RoleEditBody, responses((status = 200, body = RoleBody)))]
async fn edit(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<RoleId>,
    query: Query<Dependency>,
    json: Json<RoleEditBody>,
) -> ApiResult<Response> {
    let edit = json.into_inner();
    let edit = RoleEdit { name: edit.name, permissions: edit.permissions };
    let (role, _) = state.vestibule.roles().edit(&query.0.of(scope), id, &edit).await?;
    Ok(tagged(StatusCode::OK, &role.clone(), RoleBody::from(role)))
}

/// Delete a role
///
/// Refused while members or open invitations have the role.
#[utoipa::path(delete, path = "/organizations/{org}/roles/{id}", tag = "roles", operation_id = "delete_role",
    responses((status = 204)))]
async fn delete(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<RoleId>,
) -> ApiResult<StatusCode> {
    state.vestibule.roles().delete(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
