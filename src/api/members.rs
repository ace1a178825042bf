//! Members: their roles, resources and metadata, and their removal.

use super::{
    ApiState,
    caller::{At, ById},
    problem::{Answer, Problem},
    reading::{Json, Paging, Query, limit, tagged},
    wire::{List, MemberBody},
};
use crate::domain::{Member, MemberId};
use crate::service::{MemberEdit, Scope};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What may be changed; what is not sent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberEdit)]
pub struct Edit {
    /// Keys or ids.
    #[schema(nullable = false, min_items = 1, example = json!(["admin"]))]
    roles: Option<Vec<String>>,
    /// Ids or external ids; empty: not limited.
    #[schema(nullable = false)]
    resources: Option<Vec<String>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    private_metadata: Option<Map<String, Value>>,
}

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, edit, remove))
}

/// List the members
///
/// Those who joined last first.
#[utoipa::path(get, path = "/organizations/{org}/members", tag = "members", operation_id = "list_members",
    params(Paging), responses((status = 200, body = List<MemberBody>)))]
async fn list(
    State(state): State<ApiState>,
    At(scope): At,
    query: Query<Paging>,
) -> Answer<axum::Json<List<MemberBody>>> {
    let paging = query.0;
    let (page, total) = state.vestibule.members_page(&scope, paging.cursor.as_deref(), limit(paging.limit)?).await?;
    let ids = page.items.iter().flat_map(|member| member.resource_ids.clone());
    let resources = state.resources(&scope, ids.collect::<Vec<_>>().into_iter()).await?;
    Ok(axum::Json(List::of(page, total, |member| MemberBody::new(member, &resources))))
}

/// Read a member
#[utoipa::path(get, path = "/organizations/{org}/members/{id}", tag = "members", operation_id = "get_member",
    responses((status = 200, body = MemberBody)))]
async fn show(State(state): State<ApiState>, At(scope): At, ById(id): ById<MemberId>) -> Answer<Response> {
    let member = state.vestibule.member(&scope, id).await?;
    answer(&state, &scope, member).await
}

/// Change a member
///
/// Neither the roles given nor those taken may allow more than the key. The last owner stays one.
#[utoipa::path(patch, path = "/organizations/{org}/members/{id}", tag = "members", operation_id = "edit_member",
    request_body = Edit, responses((status = 200, body = MemberBody)))]
async fn edit(
    State(state): State<ApiState>,
    At(scope): At,
    ById(id): ById<MemberId>,
    json: Json<Edit>,
) -> Answer<Response> {
    let edit = json.into_inner();
    let edit = MemberEdit {
        role_ids: state.some_role_ids(&scope, edit.roles.as_deref()).await?,
        resource_ids: state.some_resource_ids(&scope, edit.resources.as_deref()).await?,
        metadata: edit.metadata,
        private_metadata: edit.private_metadata,
    };
    let member = state.vestibule.edit_member(&scope, id, &edit).await?;
    answer(&state, &scope, member).await
}

/// Remove a member
///
/// Their account stays; they are in this organization no more.
#[utoipa::path(delete, path = "/organizations/{org}/members/{id}", tag = "members", operation_id = "remove_member",
    responses((status = 204)))]
async fn remove(State(state): State<ApiState>, At(scope): At, ById(id): ById<MemberId>) -> Answer<StatusCode> {
    state.vestibule.remove_member(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn answer(state: &ApiState, scope: &Scope, member: Member) -> Result<Response, Problem> {
    let resources = state.resources(scope, member.resource_ids.iter().copied()).await?;
    Ok(tagged(StatusCode::OK, &member.clone(), MemberBody::new(member, &resources)))
}
