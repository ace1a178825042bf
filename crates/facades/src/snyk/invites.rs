//! Pending invitations. One that was accepted or revoked, or that has expired, is no longer among them.

use super::body::{Body, NewInvite, NewInviteAttributes};
use super::caller::{ById, OrganizationScope};
use super::fault::VendorResult;
use super::query::{Order, PAGING, Query};
use super::wire::{self, Data, Document, Links};
use crate::FacadeState;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vestibule_core::service::NewInvitation;
use vestibule_domain::{Begin, InvitationFilter, Permission, Status};

/// Lists the pending invitations in the order in which they were created.
pub async fn list(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
) -> VendorResult<impl IntoResponse + use<>> {
    query.only(PAGING)?;
    scope.require(Permission::OrganizationRead)?;
    let asked = query.page(scope.organization().id, Order::OldestFirst)?;
    let filter =
        InvitationFilter { status: Some(Status::Pending), begin: Begin::Oldest, ..InvitationFilter::default() };
    let page = state
        .vestibule
        .invitations()
        .page_without_counts(&scope, &filter, asked.cursor.as_deref(), asked.limit)
        .await?;
    let [first, prev, next] = query.around(&page, Order::OldestFirst);
    // the service returns a page from newest to oldest
    let data: Vec<_> = page.items.iter().rev().map(wire::listed).collect();
    Ok(Document::new(Data { data, links: Links { here: query.here(), first, prev, next } }))
}

pub async fn create(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
    Body(body): Body<NewInvite>,
) -> VendorResult<Response> {
    query.only(&[])?;
    let NewInviteAttributes { email, role } = body.attributes()?;
    let new = NewInvitation { email, role_ids: vec![role.into()], notify: true, ..NewInvitation::default() };
    let invitation = state.vestibule.invitations().invite_one(&scope, &new).await?;
    let place = format!("/orgs/{}/invites/{}", scope.organization().id, invitation.id);
    let mut response = Data::at(query.here(), wire::made(&invitation, role)).into_response();
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

pub async fn cancel(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    ById(id): ById,
    query: Query,
) -> VendorResult<StatusCode> {
    query.only(&[])?;
    state.vestibule.invitations().revoke(&scope, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
