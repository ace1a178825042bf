//! The key's organization and its roles.

use super::caller::{Instance, OrganizationScope};
use super::fault::VendorResult;
use super::wire::{OrganizationBody, RoleBody, Success};
use crate::{FacadeState, number::RequestUuid};
use axum::extract::State;
use vestibule_domain::Permission;

/// Lists the key's organization: a key belongs to only one.
pub async fn list(
    Instance { scope, .. }: Instance,
    number: RequestUuid,
) -> VendorResult<Success<Vec<OrganizationBody>>> {
    scope.require(Permission::OrganizationRead)?;
    Ok(Success::new(number, vec![scope.organization().into()]))
}

pub async fn show(
    OrganizationScope { scope, .. }: OrganizationScope,
    number: RequestUuid,
) -> VendorResult<Success<OrganizationBody>> {
    scope.require(Permission::OrganizationRead)?;
    Ok(Success::new(number, scope.organization().into()))
}

/// Lists the roles, those with the most permissions first.
pub async fn list_roles(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    number: RequestUuid,
) -> VendorResult<Success<Vec<RoleBody>>> {
    scope.require(Permission::OrganizationRead)?;
    let (roles, members) = state.vestibule.roles().all_with_members(&scope).await?;
    let told = roles.into_iter().map(|role| RoleBody::new(role, members.as_deref())).collect();
    Ok(Success::new(number, told))
}
