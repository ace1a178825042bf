//! Tickets: proof of who accepted, for the site that the invitee is redirected to.

use super::{ApiState, caller::OrganizationScope, problem::ApiResult, reading::Json};
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use vestibule_domain::Ticket;

pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(verify))
}

/// A ticket to be verified.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TicketToVerify)]
pub struct TicketToVerifyBody {
    /// The `ticket` parameter of the URL that the invitee arrived at.
    #[schema(min_length = 1, max_length = 8192)]
    ticket: String,
}

/// The person who accepted, and their invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketBody {
    invitation_id: Uuid,
    member_id: Uuid,
    user_id: Uuid,
    organization_id: Uuid,
    #[schema(example = "grace@example.com")]
    email: String,
    email_verified: bool,
    #[schema(example = "Grace Okafor")]
    name: String,
    /// How the person accepted: `signed_up`, `signed_in` or `accepted`.
    #[schema(example = "signed_up")]
    status: &'static str,
    /// The public metadata of the invitation.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    expires_at: Option<DateTime<Utc>>,
}

/// Verify a ticket
///
/// Works once: a second request for the same ticket is refused. If you verify tickets yourself, with the keys at
/// `/.well-known/jwks.json`, make sure that each is used only once.
#[utoipa::path(post, path = "/organizations/{org}/tickets/verification", tag = "tickets",
    operation_id = "verify_ticket", request_body = TicketToVerifyBody, responses((status = 200, body = TicketBody)))]
async fn verify(
    State(state): State<ApiState>,
    OrganizationScope(scope): OrganizationScope,
    json: Json<TicketToVerifyBody>,
) -> ApiResult<vestibule_web::Json<TicketBody>> {
    let ticket = state.vestibule.tickets().use_up(&scope, &json.into_inner().ticket).await?;
    Ok(vestibule_web::Json(ticket.into()))
}

impl From<Ticket> for TicketBody {
    fn from(ticket: Ticket) -> Self {
        Self {
            invitation_id: ticket.invitation_id.uuid(),
            member_id: ticket.member_id.uuid(),
            user_id: ticket.sub.uuid(),
            organization_id: ticket.organization_id.uuid(),
            email: ticket.email,
            email_verified: ticket.email_verified,
            name: ticket.name,
            status: ticket.status.as_str(),
            metadata: ticket.metadata.into_map(),
            expires_at: DateTime::from_timestamp(ticket.exp, 0),
        }
    }
}
