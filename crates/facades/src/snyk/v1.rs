//! Snyk's older API, which published clients still call.

use super::body::OldInvite;
use super::caller::{Instance, OrganizationScope};
use super::fault::{Fault, VendorResult};
use crate::FacadeState;
use axum::extract::State;
use serde_json::{Value, json};
use vestibule_core::service::{NewInvitation, NotFound};
use vestibule_domain::{Permission, Role};
use vestibule_web::Json;
use vestibule_web::extract;

/// Lists the key's organization: a key belongs to only one.
pub async fn list_orgs(
    State(state): State<FacadeState>,
    Instance { scope, .. }: Instance,
) -> VendorResult<Json<Value>> {
    scope.require(Permission::OrganizationRead)?;
    let organization = scope.organization();
    let url = state.vestibule.settings().url(&format!("/o/{}/invitations", organization.slug));
    let org = json!({
        "id": organization.id, "name": organization.name, "slug": organization.slug, "url": url, "group": null,
    });
    Ok(Json(json!({ "orgs": [org] })))
}

/// Invites a person as an admin, or as a member if the body does not ask for an admin.
pub async fn invite(
    State(state): State<FacadeState>,
    OrganizationScope { scope, .. }: OrganizationScope,
    json: extract::Json<OldInvite, Fault>,
) -> VendorResult<Json<Value>> {
    let OldInvite { email, is_admin } = json.into_inner();
    let key = if is_admin { Role::ADMIN } else { Role::MEMBER };
    let roles = state.vestibule.roles().all(&scope).await?;
    let role = roles.iter().find(|role| role.key == key).ok_or(vestibule_core::service::Error::from(NotFound::Role))?;
    let new = NewInvitation { email, role_ids: vec![role.id], notify: true, ..NewInvitation::default() };
    state.vestibule.invitations().invite_one(&scope, &new).await?;
    Ok(Json(json!({})))
}
