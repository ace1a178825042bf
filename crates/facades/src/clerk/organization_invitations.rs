//! Organization invitations: created one by one or up to ten at once, listed in four ways, read and revoked.

use super::body::{self, Body, InvitationRequest};
use super::caller::{Instance, OrganizationScope};
use super::fault::{Fault, VendorResult};
use super::query::Query;
use super::wire::{self, List, OrganizationInvitation, PublicOrganization};
use crate::FacadeState;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use vestibule_core::service::{Error, NewInvitation, NotFound, Scope};
use vestibule_domain::{EmailAddress, InvitationId, InvitationView, OffsetPageOrder, OffsetPageRequest, Role, Status};
use vestibule_web::Json;
use vestibule_web::extract::path_parameter;

/// The fields that the lists can be sorted by.
const ORDERS: &[(&str, OffsetPageOrder)] =
    &[("created_at", OffsetPageOrder::Created), ("email_address", OffsetPageOrder::Email)];

/// The invitation of the path.
pub struct ById(InvitationId);

impl FromRequestParts<FacadeState> for ById {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "id").await;
        let id = text.and_then(|text| wire::read_organization_invitation_id(&text));
        Ok(Self(id.ok_or(Error::from(NotFound::Invitation))?))
    }
}

pub async fn create(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    body: Body,
) -> VendorResult<Json<OrganizationInvitation>> {
    let asked = body::organization_invitation(body.0).map_err(Fault::unprocessable)?;
    let spelling = asked.role.clone();
    let roles = state.vestibule.roles().all(&scope).await?;
    let (scope, new) = ready(&state, &scope, &roles, asked).await?;
    let invitation = state.vestibule.invitations().invite_one(&scope, &new).await?;
    let view = state.vestibule.invitations().view_of(&scope, invitation).await?;
    Ok(Json(echoed(state.organization_invitation(view), spelling)))
}

/// Creates all invitations of the list, or none.
pub async fn create_many(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    body: Body,
) -> VendorResult<Json<List<OrganizationInvitation>>> {
    let (mut asked, mut wrong) = (Vec::new(), Vec::new());
    for item in body.into_items()? {
        match body::organization_invitation(item) {
            Ok(read) => asked.push(read),
            Err(details) => wrong.extend(details),
        }
    }
    if !wrong.is_empty() {
        return Err(Fault::unprocessable(wrong));
    }
    let spellings: Vec<_> = asked.iter().map(|asked| asked.role.clone()).collect();
    let roles = state.vestibule.roles().all(&scope).await?;
    let mut rows = Vec::new();
    for asked in asked {
        rows.push(ready(&state, &scope, &roles, asked).await?);
    }
    let invitations = state.vestibule.invitations().invite_all(&scope, &rows).await?;
    let views = state.vestibule.invitations().views_of(&scope, invitations).await?;
    let data: Vec<_> = views
        .into_iter()
        .zip(spellings)
        .map(|(view, role)| echoed(state.organization_invitation(view), role))
        .collect();
    Ok(Json(List { total_count: data.len() as u64, data }))
}

/// Resolves the role, and returns the invitation with the scope of the person in whose name to invite.
async fn ready(
    state: &FacadeState,
    scope: &Scope,
    roles: &[Role],
    asked: InvitationRequest,
) -> VendorResult<(Scope, NewInvitation)> {
    let role = wire::read_role(roles, asked.role.as_deref().unwrap_or_default()).ok_or_else(Fault::no_role)?;
    let scope = match asked.inviter {
        Some(person) => state.vestibule.on_behalf_of(scope.clone(), person.id()?).await?,
        None => scope.clone(),
    };
    Ok((scope, NewInvitation { role_ids: vec![role.id], ..asked.new }))
}

/// Returns the body with the role spelled as the request spelled it.
fn echoed(mut body: OrganizationInvitation, spelling: Option<String>) -> OrganizationInvitation {
    body.role = spelling.unwrap_or(body.role);
    body
}

pub async fn list(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
) -> VendorResult<Json<List<OrganizationInvitation>>> {
    let email = query.text("email_address").map(normal);
    let request = OffsetPageRequest { emails: email.into_iter().collect(), ..query.request(ORDERS)? };
    state.organization_invitations(&scope, &request, false).await
}

/// Lists the pending invitations.
pub async fn list_pending(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
) -> VendorResult<Json<List<OrganizationInvitation>>> {
    let request = OffsetPageRequest { statuses: vec![Status::Pending], ..query.request(ORDERS)? };
    state.organization_invitations(&scope, &request, false).await
}

/// Lists the invitations of the whole instance, which is the organization of the key.
pub async fn list_all(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
    query: Query,
) -> VendorResult<Json<List<OrganizationInvitation>>> {
    let request = OffsetPageRequest { text: query.text("query").map(str::to_owned), ..query.request(ORDERS)? };
    state.organization_invitations(&scope, &request, true).await
}

/// Lists the invitations for a member's email address.
pub async fn list_of_user(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
    user: ByUser,
    query: Query,
) -> VendorResult<Json<List<OrganizationInvitation>>> {
    let unknown = || Fault::not_found("No user was found with this id.");
    let id = user.0.ok_or_else(unknown)?;
    let member = state.vestibule.members().of_user(&scope, id).await?.ok_or_else(unknown)?;
    let request = OffsetPageRequest { emails: vec![member.email.to_string()], ..query.request(ORDERS)? };
    state.organization_invitations(&scope, &request, true).await
}

/// The user of the path. `None` if the text is not an id of ours.
pub struct ByUser(Option<vestibule_domain::UserId>);

impl FromRequestParts<FacadeState> for ByUser {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "user").await;
        Ok(Self(text.and_then(|text| wire::read_user_id(&text))))
    }
}

pub async fn show(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    ById(id): ById,
) -> VendorResult<Json<OrganizationInvitation>> {
    let view = state.vestibule.invitations().view(&scope, id).await?;
    Ok(Json(state.organization_invitation(view)))
}

pub async fn revoke(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    ById(id): ById,
    body: Body,
) -> VendorResult<Json<OrganizationInvitation>> {
    let scope = match body::requesting_user(body)? {
        Some(person) => state.vestibule.on_behalf_of(scope, person.id()?).await?,
        None => scope,
    };
    let invitation = state.vestibule.invitations().revoke(&scope, id).await?;
    let view = state.vestibule.invitations().view_of(&scope, invitation).await?;
    Ok(Json(state.organization_invitation(view)))
}

impl FacadeState {
    fn organization_invitation(&self, view: InvitationView) -> OrganizationInvitation {
        OrganizationInvitation::new(view, &super::base_url(self))
    }

    async fn organization_invitations(
        &self,
        scope: &Scope,
        request: &OffsetPageRequest,
        with_organization: bool,
    ) -> VendorResult<Json<List<OrganizationInvitation>>> {
        let found = self.vestibule.invitations().offset_page(scope, request).await?;
        let data = found.rows.into_iter().map(|view| {
            let mut body = self.organization_invitation(view);
            body.public_organization_data = with_organization.then(|| PublicOrganization::from(scope.organization()));
            body
        });
        Ok(Json(List { data: data.collect(), total_count: found.total }))
    }
}

/// Normalizes an email address. Any other text is kept as it is, and matches nothing.
fn normal(text: &str) -> String {
    EmailAddress::parse(text).map_or_else(|_| text.to_owned(), |email| email.to_string())
}
