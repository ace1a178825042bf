//! Members: listed, read, edited and removed.

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    dependents::{Dependency, DependentsBody},
    problem::ApiResult,
    reading::{Json, Paging, Query, limit, tagged},
    wire::{List, MemberBody},
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_core::service::MemberEdit;
use vestibule_domain::{Member, MemberId, Resource, Total};

/// The changes to a member. Fields that are not sent keep their value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberEdit)]
pub struct MemberEditBody {
    /// Keys or ids of roles.
    #[schema(nullable = false, min_items = 1, max_items = 100, example = json!(["admin"]))]
    roles: Option<Vec<String>>,
    /// Ids or external ids of resources. Empty: no limit.
    #[schema(nullable = false, max_items = 100)]
    resources: Option<Vec<String>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    private_metadata: Option<Map<String, Value>>,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, edit, remove)).routes(routes!(dependents))
}

/// List members
///
/// Most recently joined first.
#[utoipa::path(get, path = "/organizations/{org}/members", tag = "members", operation_id = "list_members",
    params(Paging), responses((status = 200, body = List<MemberBody>)))]
async fn list(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    query: Query<Paging>,
) -> ApiResult<vestibule_web::Json<List<MemberBody>>> {
    let paging = query.0;
    let found = state.vestibule.members().page(&scope, paging.cursor.as_deref(), limit(paging.limit)?).await?;
    Ok(vestibule_web::Json(List::of(found.page, Total::exact(found.total), |member| {
        MemberBody::new(member, &found.resources)
    })))
}

/// Read a member
#[utoipa::path(get, path = "/organizations/{org}/members/{id}", tag = "members", operation_id = "get_member",
    responses((status = 200, body = MemberBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<MemberId>,
) -> ApiResult<Response> {
    let found = state.vestibule.members().detail(&scope, id).await?;
    Ok(answer(found.member, &found.resources))
}

/// Edit a member
///
/// Neither the roles that are added nor those that are removed can allow more than the key. A key whose creator is
/// limited to resources can only assign some of these. The last owner has to remain an owner. If the member created
/// keys, webhooks or open invitations that exceed the new roles and resources, these are cut or taken over.
#[utoipa::path(patch, path = "/organizations/{org}/members/{id}", tag = "members", operation_id = "edit_member",
    params(Dependency), request_body = MemberEditBody, responses((status = 200, body = MemberBody)))]
async fn edit(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<MemberId>,
    query: Query<Dependency>,
    json: Json<MemberEditBody>,
) -> ApiResult<Response> {
    let edit = json.into_inner();
    let edit = MemberEdit {
        role_ids: state.some_role_ids(&scope, edit.roles.as_deref()).await?,
        resource_ids: state.some_resource_ids(&scope, edit.resources.as_deref()).await?,
        metadata: edit.metadata,
        private_metadata: edit.private_metadata,
    };
    let scope = query.0.of(scope);
    let (member, _) = state.vestibule.members().edit(&scope, id, &edit).await?;
    let resources = state.vestibule.members().resources_of(&member).await?;
    Ok(answer(member, &resources))
}

/// Remove a member
///
/// The person's account remains, but no longer belongs to this organization. Keys, webhooks and open invitations that
/// they created end with the membership, unless you take them over.
#[utoipa::path(delete, path = "/organizations/{org}/members/{id}", tag = "members", operation_id = "remove_member",
    params(Dependency), responses((status = 204)))]
async fn remove(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<MemberId>,
    query: Query<Dependency>,
) -> ApiResult<StatusCode> {
    state.vestibule.members().remove(&query.0.of(scope), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List a member's dependents
///
/// Active keys, enabled webhooks and open invitations whose permissions come from this member, including those created
/// with one of these keys. Removing the member ends them.
#[utoipa::path(get, path = "/organizations/{org}/members/{id}/dependents", tag = "members",
    operation_id = "list_member_dependents", responses((status = 200, body = DependentsBody)))]
async fn dependents(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<MemberId>,
) -> ApiResult<vestibule_web::Json<DependentsBody>> {
    Ok(vestibule_web::Json(state.vestibule.dependents().of_member(&scope, id).await?.into()))
}

fn answer(member: Member, resources: &[Resource]) -> Response {
    tagged(StatusCode::OK, &member.clone(), MemberBody::new(member, resources))
}
