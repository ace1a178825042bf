//! Members, identified by the id of their user.

use super::body::{Json, Roles};
use super::caller::{ById, OrganizationScope};
use super::fault::VendorResult;
use super::wire::{MemberBody, Success};
use crate::{FacadeState, number::RequestUuid};
use axum::extract::State;
use vestibule_core::service::{NotFound, Scope};
use vestibule_domain::Member;

/// Lists the members in the order in which they joined.
pub async fn list(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    number: RequestUuid,
) -> VendorResult<Success<Vec<MemberBody>>> {
    let members = state.vestibule.members().all(&scope).await?;
    Ok(Success::new(number, members.into_iter().map(MemberBody::from).collect()))
}

pub async fn show(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    id: ById,
    number: RequestUuid,
) -> VendorResult<Success<MemberBody>> {
    let member = member(&state, &scope, id).await?;
    Ok(Success::new(number, member.into()))
}

/// Replaces a member's roles. A body without roles changes nothing.
pub async fn edit(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    id: ById,
    number: RequestUuid,
    json: Json<Roles>,
) -> VendorResult<Success<MemberBody>> {
    let (member, roles) = (member(&state, &scope, id).await?, json.into_inner());
    if roles.are_missing() {
        return Ok(Success::new(number, member.into()));
    }
    let role_ids = roles.read(&state.vestibule.roles().all(&scope).await?)?;
    let (member, _) = state.vestibule.members().change_roles(&scope, member.id, &role_ids).await?;
    Ok(Success::new(number, member.into()))
}

pub async fn remove(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    id: ById,
    number: RequestUuid,
) -> VendorResult<Success<()>> {
    let member = member(&state, &scope, id).await?;
    state.vestibule.members().remove(&scope, member.id).await?;
    Ok(Success::nothing(number))
}

async fn member(state: &FacadeState, scope: &Scope, id: ById) -> VendorResult<Member> {
    let found = state.vestibule.members().of_user(scope, id.of("user")?).await?;
    Ok(found.ok_or(vestibule_core::service::Error::from(NotFound::Member))?)
}
