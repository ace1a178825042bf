//! Open invitations. One that was accepted or revoked, or that has expired, does not exist any more for the clients.

use super::body::{Json, NewInvitation};
use super::caller::{ById, OrganizationScope};
use super::fault::{Fault, VendorResult};
use super::wire::{Invitation, Success};
use crate::{FacadeState, number::RequestUuid};
use axum::extract::State;
use vestibule_core::service::{self, Scope};
use vestibule_domain::{InvitationId, InvitationView, OffsetPageRequest, Status};

/// The limit of the list: it has no pages, so one query reads all of it.
const ALL: u32 = u32::MAX;

pub async fn list(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    number: RequestUuid,
) -> VendorResult<Success<Vec<Invitation>>> {
    let request =
        OffsetPageRequest { statuses: vec![Status::Pending], is_descending: false, ..OffsetPageRequest::new(0, ALL) };
    let open = state.vestibule.invitations().offset_page(&scope, &request).await?.rows;
    Ok(Success::new(number, open.into_iter().map(Invitation::from).collect()))
}

pub async fn create(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    number: RequestUuid,
    json: Json<NewInvitation>,
) -> VendorResult<Success<Invitation>> {
    let NewInvitation { email, roles } = json.into_inner();
    let role_ids = roles.read(&state.vestibule.roles().all(&scope).await?)?;
    let new = service::NewInvitation { email, role_ids, notify: true, ..service::NewInvitation::default() };
    let invitation = state.vestibule.invitations().invite_one(&scope, &new).await?;
    let view = state.vestibule.invitations().view_of(&scope, invitation).await?;
    Ok(Success::new(number, view.into()))
}

pub async fn show(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    id: ById,
    number: RequestUuid,
) -> VendorResult<Success<Invitation>> {
    let view = open(&state, &scope, id.of("invitation")?).await?;
    Ok(Success::new(number, view.into()))
}

pub async fn revoke(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    id: ById,
    number: RequestUuid,
) -> VendorResult<Success<()>> {
    state.vestibule.invitations().revoke(&scope, id.of("invitation")?).await?;
    Ok(Success::nothing(number))
}

/// Returns the invitation with this id. If it is no longer open, it counts as unknown.
async fn open(state: &FacadeState, scope: &Scope, id: InvitationId) -> VendorResult<InvitationView> {
    let view = state.vestibule.invitations().view(scope, id).await?;
    if view.status == Status::Pending { Ok(view) } else { Err(Fault::unknown("invitation")) }
}
