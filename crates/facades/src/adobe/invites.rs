//! Invites that have not been answered: listed, resent and revoked.

use super::caller::{Tenant, demand};
use super::fault::{Fault, VendorResult};
use super::reading::{PAGE, Query, paging};
use super::wire::{Invite, Success};
use crate::FacadeState;
use axum::extract::{FromRequestParts, State};
use axum::http::{HeaderMap, request::Parts};
use vestibule_core::service::{Conflict, Error, InvitationConflict, Scope};
use vestibule_domain::{EmailAddress, InvitationId, OffsetPageOrder, OffsetPageRequest, Permission, Status};
use vestibule_web::Json;
use vestibule_web::extract::path_parameter;

/// The email address of the path, normalized. If it is not one, there is no such invite.
pub struct ByEmail(EmailAddress);

impl FromRequestParts<FacadeState> for ByEmail {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "email").await;
        let email = text.and_then(|text| EmailAddress::parse(&text).ok());
        email.map(Self).ok_or_else(Fault::no_invite)
    }
}

/// Lists the invites, page by page, with headers that describe the page.
pub async fn list(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    query: Query,
) -> VendorResult<(HeaderMap, Json<Vec<Invite>>)> {
    let page = query.page()?;
    let request = OffsetPageRequest { offset: page.saturating_mul(PAGE), ..asked(&query)? };
    let (invites, total) = some(&state, &scope, &request).await?;
    Ok((paging(page, total), Json(invites)))
}

/// Lists the invites for one email address: the open one, and those that have expired.
pub async fn show(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    ByEmail(email): ByEmail,
    query: Query,
) -> VendorResult<Json<Vec<Invite>>> {
    let request = OffsetPageRequest { emails: vec![email.to_string()], ..asked(&query)? };
    Ok(Json(some(&state, &scope, &request).await?.0))
}

/// Returns the statuses and the order that the query asks for.
fn asked(query: &Query) -> VendorResult<OffsetPageRequest> {
    let mut request = OffsetPageRequest::new(0, PAGE);
    request.statuses.push(Status::Pending);
    if query.yes_or_no("includeExpired", true)? {
        request.statuses.push(Status::Expired);
    }
    request.order =
        query.word("sortColumn", [("LAST_SENT_DTS", OffsetPageOrder::Issued), ("EMAIL", OffsetPageOrder::Email)])?;
    request.is_descending = query.word("sortOrder", [("DESC", true), ("ASC", false)])?;
    Ok(request)
}

/// Returns the invites and their total count. Fails when there is none.
async fn some(state: &FacadeState, scope: &Scope, request: &OffsetPageRequest) -> VendorResult<(Vec<Invite>, u64)> {
    let found = state.vestibule.invitations().offset_page(scope, request).await?;
    if found.rows.is_empty() {
        return Err(Fault::no_invite());
    }
    Ok((found.rows.into_iter().map(Invite::from).collect(), found.total))
}

/// Resends the open invite, or else the newest of the expired ones.
pub async fn resend(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    ByEmail(email): ByEmail,
) -> VendorResult<Json<Success>> {
    demand(&scope, Permission::UserInvite)?;
    let id = match state.newest(&scope, &email, Status::Pending).await? {
        Some(id) => id,
        None => state.newest(&scope, &email, Status::Expired).await?.ok_or_else(Fault::no_invite)?,
    };
    let resent = match state.vestibule.invitations().resend(&scope, id).await {
        // someone has just invited the same email address again
        Err(Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyInvited(open)))) => {
            state.vestibule.invitations().resend(&scope, open).await
        }
        resent => resent,
    };
    resent.map_err(|error| Fault::from(error).or_failed("invites.pending.resend.error"))?;
    Ok(Json(Success::NEW))
}

/// Revokes the open invite. An expired one can no longer be revoked.
pub async fn revoke(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    ByEmail(email): ByEmail,
) -> VendorResult<Json<Success>> {
    demand(&scope, Permission::UserInvite)?;
    let open = state.newest(&scope, &email, Status::Pending).await?.ok_or_else(Fault::no_invite)?;
    let revoked = state.vestibule.invitations().revoke(&scope, open).await;
    revoked.map_err(|error| Fault::from(error).or_failed("invites.pending.revoke.error"))?;
    Ok(Json(Success::NEW))
}

impl FacadeState {
    /// Returns the most recently sent invitation with this email address and status.
    pub(super) async fn newest(
        &self,
        scope: &Scope,
        email: &EmailAddress,
        status: Status,
    ) -> Result<Option<InvitationId>, Error> {
        let request = OffsetPageRequest {
            statuses: vec![status],
            emails: vec![email.to_string()],
            order: OffsetPageOrder::Issued,
            ..OffsetPageRequest::new(0, 1)
        };
        let found = self.vestibule.invitations().offset_page(scope, &request).await?;
        Ok(found.rows.first().map(|view| view.invitation.id))
    }
}
