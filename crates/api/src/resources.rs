//! Resources: what invitations and members can be limited to.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    problem::ApiResult,
    reading::{Json, Paging, Query, created, limit, tagged},
    wire::{List, ResourceBody},
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_core::service::ResourceEdit;
use vestibule_domain::{ResourceId, Total};

/// A resource to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewResource)]
pub struct NewResourceBody {
    #[schema(min_length = 1, max_length = 100, example = "Garden app")]
    name: String,
    /// Your own id for the resource, unique in the organization.
    #[schema(max_length = 200, pattern = r"^\S*$", example = "app-1138")]
    external_id: Option<String>,
    #[schema(max_length = 200, pattern = r"^\S*$", example = "com.example.garden")]
    bundle_id: Option<String>,
}

/// The changes to a resource. Fields that are not sent keep their value; null removes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResourceEdit)]
pub struct ResourceEditBody {
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<String>,
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<String>, max_length = 200, pattern = r"^\S*$")]
    external_id: Option<Option<String>>,
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<String>, max_length = 200, pattern = r"^\S*$")]
    bundle_id: Option<Option<String>>,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, edit, delete))
}

/// List resources
#[utoipa::path(get, path = "/organizations/{org}/resources", tag = "resources", operation_id = "list_resources",
    params(Paging), responses((status = 200, body = List<ResourceBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<Paging>,
) -> ApiResult<vestibule_web::Json<List<ResourceBody>>> {
    let paging = query.0;
    let (page, total) =
        state.vestibule.resources().page(&scope, paging.cursor.as_deref(), limit(paging.limit)?).await?;
    Ok(vestibule_web::Json(List::of(page, Total::exact(total), |resource| ResourceBody::from(&resource))))
}

/// Create a resource
#[utoipa::path(post, path = "/organizations/{org}/resources", tag = "resources", operation_id = "create_resource",
    request_body = NewResourceBody, responses((status = 201, body = ResourceBody)))]
async fn create(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<NewResourceBody>,
) -> ApiResult<Response> {
    let new = json.into_inner();
    let new = ResourceEdit { name: Some(new.name), external_id: new.external_id, bundle_id: new.bundle_id };
    let resource = state.vestibule.resources().create(&scope, &new).await?;
    let path = format!("/organizations/{}/resources/{}", scope.organization().slug, resource.id);
    Ok(created(&path, &resource, ResourceBody::from(&resource)))
}

/// Read a resource
#[utoipa::path(get, path = "/organizations/{org}/resources/{id}", tag = "resources", operation_id = "get_resource",
    responses((status = 200, body = ResourceBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<ResourceId>,
) -> ApiResult<Response> {
    let resource = state.vestibule.resources().get(&scope, id).await?;
    Ok(tagged(StatusCode::OK, &resource, ResourceBody::from(&resource)))
}

/// Edit a resource
#[utoipa::path(patch, path = "/organizations/{org}/resources/{id}", tag = "resources", operation_id = "edit_resource",
    request_body = ResourceEditBody, responses((status = 200, body = ResourceBody)))]
async fn edit(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<ResourceId>,
    json: Json<ResourceEditBody>,
) -> ApiResult<Response> {
    let edit = json.into_inner();
    // an empty text removes the value, as null does
    let edit = ResourceEdit {
        name: edit.name,
        external_id: edit.external_id.map(Option::unwrap_or_default),
        bundle_id: edit.bundle_id.map(Option::unwrap_or_default),
    };
    let resource = state.vestibule.resources().edit(&scope, id, &edit).await?;
    Ok(tagged(StatusCode::OK, &resource, ResourceBody::from(&resource)))
}

/// Delete a resource
///
/// Refused while members or open invitations are limited to the resource.
#[utoipa::path(delete, path = "/organizations/{org}/resources/{id}", tag = "resources",
    operation_id = "delete_resource", responses((status = 204)))]
async fn delete(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<ResourceId>,
) -> ApiResult<StatusCode> {
    state.vestibule.resources().delete(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
