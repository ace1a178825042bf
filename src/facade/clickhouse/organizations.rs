//! The key's organization, and its roles.

use super::caller::{At, Instance};
use super::fault::Answer;
use super::wire::{OrganizationBody, RequestUuid, RoleBody, Success};
use crate::domain::Permission;
use crate::facade::FacadeState;
use crate::service::{Error, Scope};
use axum::extract::State;

/// A list of one: a key belongs to one organization.
pub async fn list(Instance(scope): Instance, number: RequestUuid) -> Answer<Success<Vec<OrganizationBody>>> {
    demand(&scope)?;
    Ok(Success::new(number, vec![scope.organization().into()]))
}

pub async fn show(At(scope): At, number: RequestUuid) -> Answer<Success<OrganizationBody>> {
    demand(&scope)?;
    Ok(Success::new(number, scope.organization().into()))
}

/// The mightiest first.
pub async fn list_roles(
    State(state): State<FacadeState>,
    At(scope): At,
    number: RequestUuid,
) -> Answer<Success<Vec<RoleBody>>> {
    demand(&scope)?;
    let roles = state.vestibule.roles(&scope).await?;
    Ok(Success::new(number, roles.into_iter().map(RoleBody::from).collect()))
}

fn demand(scope: &Scope) -> Answer<()> {
    match scope.has(Permission::OrganizationRead) {
        true => Ok(()),
        false => Err(Error::Forbidden(Permission::OrganizationRead).into()),
    }
}
