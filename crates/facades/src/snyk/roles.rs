//! Roles, whose ids invitations refer to.

use super::caller::OrganizationScope;
use super::fault::VendorResult;
use super::query::{PAGING, Query};
use super::wire::{self, Data};
use crate::FacadeState;
use axum::extract::State;
use axum::response::IntoResponse;
use vestibule_core::service::Scope;
use vestibule_domain::{Permission, Role};

/// The parameters that filter or expand the list of roles.
const FILTERS: &[&str] = &["name", "custom", "assignable_by_me", "expand_permissions"];

/// Lists the roles on one page, those with the most permissions first. An organization never has many.
pub async fn list(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
) -> VendorResult<impl IntoResponse + use<>> {
    query.only(&[PAGING, FILTERS].concat())?;
    scope.require(Permission::OrganizationRead)?;
    let roles = state.vestibule.roles().all(&scope).await?;
    let meant: Vec<_> = roles.into_iter().filter(|role| is_meant(role, &scope, &query)).map(wire::role).collect();
    Ok(Data::at(query.here(), meant))
}

/// Checks whether the filters include the role.
fn is_meant(role: &Role, scope: &Scope, query: &Query) -> bool {
    let is = |name: &str, has: bool| query.text(name).is_none_or(|word| (word == "true") == has);
    let may_give = role.permissions.iter().all(|permission| scope.has(*permission));
    query.text("name").is_none_or(|name| role.name.eq_ignore_ascii_case(name))
        && is("custom", !role.is_built_in())
        && is("assignable_by_me", may_give)
}
