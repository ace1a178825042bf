//! Application invitations. The application is the organization of the key, and its invitees become members, so each
//! application invitation is an organization invitation as well.

use super::body::{self, Body, InvitationRequest};
use super::caller::Instance;
use super::fault::{Fault, VendorResult};
use super::query::Query;
use super::wire::{self, Invitation, List};
use crate::FacadeState;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use vestibule_core::service::{Error, NewInvitation, NotFound, Scope};
use vestibule_domain::{InvitationId, InvitationView, OffsetPageOrder, OffsetPageRequest, Role, Status};
use vestibule_web::Json;
use vestibule_web::extract::path_parameter;

/// The fields that the list can be sorted by.
const ORDERS: &[(&str, OffsetPageOrder)] = &[
    ("created_at", OffsetPageOrder::Created),
    ("email_address", OffsetPageOrder::Email),
    ("expires_at", OffsetPageOrder::Expires),
];
/// The statuses of a list without a status filter: all but revoked.
const NOT_REVOKED: [Status; 3] = [Status::Pending, Status::Accepted, Status::Expired];

/// The invitation of the path.
pub struct ById(InvitationId);

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "id").await;
        let id = text.and_then(|text| wire::read_application_invitation_id(&text));
        id.map(Self).ok_or_else(|| Fault::of_application(NotFound::Invitation.into(), &[]))
    }
}

pub async fn create(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
    body: Body,
) -> VendorResult<Json<Invitation>> {
    let asked = body::application_invitation(body.0).map_err(Fault::unprocessable)?;
    let new = as_member(asked, &state.vestibule.roles().all(&scope).await?)?;
    let invited = state.vestibule.invitations().invite_one(&scope, &new).await;
    let invitation = invited.map_err(|error| Fault::of_application(error, &[&new.email]))?;
    Ok(Json(state.invitation(state.vestibule.invitations().view_of(&scope, invitation).await?)))
}

/// Creates all invitations of the list, or none.
pub async fn create_many(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
    body: Body,
) -> VendorResult<Json<Vec<Invitation>>> {
    let roles = state.vestibule.roles().all(&scope).await?;
    let (mut rows, mut wrong): (Vec<(Scope, NewInvitation)>, _) = (Vec::new(), Vec::new());
    for item in body.into_items()? {
        match body::application_invitation(item) {
            Ok(asked) => rows.push((scope.clone(), as_member(asked, &roles)?)),
            Err(details) => wrong.extend(details),
        }
    }
    if !wrong.is_empty() {
        return Err(Fault::unprocessable(wrong));
    }
    let emails: Vec<&str> = rows.iter().map(|(_, new)| new.email.as_str()).collect();
    let invited = state.vestibule.invitations().invite_all(&scope, &rows).await;
    let invitations = invited.map_err(|error| Fault::of_application(error, &emails))?;
    let views = state.vestibule.invitations().views_of(&scope, invitations).await?;
    Ok(Json(views.into_iter().map(|view| state.invitation(view)).collect()))
}

/// Returns the invitation with the role of a member.
fn as_member(asked: InvitationRequest, roles: &[Role]) -> VendorResult<NewInvitation> {
    let role = wire::read_role(roles, Role::MEMBER).ok_or_else(Fault::no_role)?;
    Ok(NewInvitation { role_ids: vec![role.id], ..asked.new })
}

/// Lists invitations: a plain array, or with the total count if the query asks for it.
pub async fn list(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
    query: Query,
) -> VendorResult<Response> {
    let mut request = query.request(ORDERS)?;
    if request.statuses.is_empty() {
        request.statuses.extend(NOT_REVOKED);
    }
    let text = query.text("query").map(str::to_owned);
    let or_id = text.as_deref().and_then(wire::read_application_invitation_id);
    let request = OffsetPageRequest { text, or_id, ..request };
    let found = state.vestibule.invitations().offset_page(&scope, &request).await?;
    let data: Vec<_> = found.rows.into_iter().map(|view| state.invitation(view)).collect();
    Ok(match query.is_true("paginated") {
        true => Json(List { data, total_count: found.total }).into_response(),
        false => Json(data).into_response(),
    })
}

pub async fn revoke(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
    ById(id): ById,
) -> VendorResult<Json<Invitation>> {
    let revoked = state.vestibule.invitations().revoke(&scope, id).await;
    let invitation = revoked.map_err(|error: Error| Fault::of_application(error, &[]))?;
    Ok(Json(state.invitation(state.vestibule.invitations().view_of(&scope, invitation).await?)))
}

impl FacadeState {
    fn invitation(&self, view: InvitationView) -> Invitation {
        Invitation::new(view, &super::base_url(self))
    }
}
