//! Invitations: created one by one or in bulk, listed, read, edited, resent and revoked.

mod bulk;
mod create;
mod list;

use super::{
    ApiState,
    caller::{ById, OrganizationScope},
    problem::ApiResult,
    reading::{Json, tagged},
    wire::{EventBody, InvitationBody, List},
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use vestibule_domain::{InvitationEdit, InvitationId, InvitationRow, clock};

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(bulk::create_many))
        .routes(routes!(show, edit))
        .routes(routes!(resend))
        .routes(routes!(revoke))
        .routes(routes!(link))
        .routes(routes!(events))
}

/// The changes to an invitation. Fields that are not sent keep their value; null removes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationEdit)]
pub struct InvitationEditBody {
    #[schema(nullable = false, min_items = 1, max_items = 100, example = json!(["admin"]))]
    roles: Option<Vec<String>>,
    #[schema(nullable = false, max_items = 100)]
    resources: Option<Vec<String>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    #[schema(nullable = false, value_type = Option<Object>)]
    private_metadata: Option<Map<String, Value>>,
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    redirect_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "clock::read")]
    #[schema(nullable = false)]
    expires_at: Option<DateTime<Utc>>,
    /// The number of days from now.
    #[schema(nullable = false, minimum = 1, maximum = 365)]
    expires_in_days: Option<u16>,
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    message: Option<Option<String>>,
    #[serde(default, with = "::serde_with::rust::double_option")]
    #[schema(value_type = Option<String>, max_length = 35)]
    locale: Option<Option<String>>,
}

/// Read an invitation
#[utoipa::path(get, path = "/organizations/{org}/invitations/{id}", tag = "invitations",
    operation_id = "get_invitation", responses((status = 200, body = InvitationBody)))]
async fn show(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<InvitationId>,
) -> ApiResult<Response> {
    let row = state.vestibule.invitations().row(&scope, id).await?;
    Ok(answer(&state, row))
}

/// Edit an invitation
///
/// Only while it is pending. The link remains the same, and the invitee sees the new offer.
#[utoipa::path(patch, path = "/organizations/{org}/invitations/{id}", tag = "invitations",
    operation_id = "edit_invitation", request_body = InvitationEditBody, responses((status = 200, body = InvitationBody)))]
async fn edit(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<InvitationId>,
    json: Json<InvitationEditBody>,
) -> ApiResult<Response> {
    let edit = json.into_inner();
    let edit = InvitationEdit {
        role_ids: state.some_role_ids(&scope, edit.roles.as_deref()).await?,
        resource_ids: state.some_resource_ids(&scope, edit.resources.as_deref()).await?,
        message: edit.message.map(Option::unwrap_or_default),
        metadata: edit.metadata,
        private_metadata: edit.private_metadata,
        redirect_url: edit.redirect_url,
        locale: edit.locale,
        expires_in_days: edit.expires_in_days,
        expires_at: edit.expires_at,
        // If-Match is what programs have for it
        shown: None,
    };
    let invitation = state.vestibule.invitations().edit(&scope, id, &edit).await?;
    let row = state.vestibule.invitations().describe(invitation).await?;
    Ok(answer(&state, row))
}

/// Resend an invitation
///
/// Sends a new mail with a new link; the previous link stops working. An expired invitation becomes pending again.
#[utoipa::path(post, path = "/organizations/{org}/invitations/{id}/resend", tag = "invitations",
    operation_id = "resend_invitation", responses((status = 200, body = InvitationBody)))]
async fn resend(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<InvitationId>,
) -> ApiResult<Response> {
    let invitation = state.vestibule.invitations().resend(&scope, id).await?;
    let row = state.vestibule.invitations().describe(invitation).await?;
    Ok(answer(&state, row))
}

/// Revoke an invitation
///
/// Only while it is pending. Its link no longer works.
#[utoipa::path(post, path = "/organizations/{org}/invitations/{id}/revocation", tag = "invitations",
    operation_id = "revoke_invitation", responses((status = 200, body = InvitationBody)))]
async fn revoke(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<InvitationId>,
) -> ApiResult<Response> {
    let invitation = state.vestibule.invitations().revoke(&scope, id).await?;
    let row = state.vestibule.invitations().describe(invitation).await?;
    Ok(answer(&state, row))
}

/// The link of an invitation, to hand over yourself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationLink)]
pub struct InvitationLinkBody {
    /// If a mail server is set up, accepting through this link takes a code that is sent to the invited email address.
    acceptance_url: String,
}

/// Get the link to hand over
///
/// Only while it is pending, and for keys that can grant every role in it. The link does not prove access to the
/// mailbox: if a mail server is set up, accepting takes a code that is sent to the invited email address.
#[utoipa::path(post, path = "/organizations/{org}/invitations/{id}/link", tag = "invitations",
    operation_id = "link_invitation", responses((status = 200, body = InvitationLinkBody)))]
async fn link(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<InvitationId>,
) -> ApiResult<vestibule_web::Json<InvitationLinkBody>> {
    let acceptance_url = state.vestibule.invitations().link(&scope, id).await?;
    Ok(vestibule_web::Json(InvitationLinkBody { acceptance_url }))
}

/// List an invitation's events
///
/// Newest first.
#[utoipa::path(get, path = "/organizations/{org}/invitations/{id}/events", tag = "invitations",
    operation_id = "list_invitation_events", responses((status = 200, body = List<EventBody>)))]
async fn events(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    ById(id): ById<InvitationId>,
) -> ApiResult<vestibule_web::Json<List<EventBody>>> {
    let events = state.vestibule.invitations().detail(&scope, id).await?.events;
    Ok(vestibule_web::Json(List::whole(events.into_iter().map(EventBody::from).collect())))
}

fn answer(state: &ApiState, row: InvitationRow) -> Response {
    let invitation = row.invitation.clone();
    tagged(StatusCode::OK, &invitation, InvitationBody::new(row, state.vestibule.now()))
}
