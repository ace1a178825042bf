//! The key's organization, the only one that the key can see.

use super::caller::{Instance, OrganizationScope};
use super::fault::VendorResult;
use super::query::{PAGING, Query};
use super::wire::{self, Data, OrgAttributes, Resource};
use axum::response::IntoResponse;
use vestibule_domain::{Organization, Permission};

/// The parameters that filter or expand the list of organizations.
const FILTERS: &[&str] = &["group_id", "is_personal", "slug", "name", "expand"];

/// Lists the key's organization, or nothing if the filters exclude it.
pub async fn list(Instance { scope, .. }: Instance, query: Query) -> VendorResult<impl IntoResponse + use<>> {
    query.only(&[PAGING, FILTERS].concat())?;
    scope.require(Permission::OrganizationRead)?;
    let found = Some(scope.organization()).filter(|organization| is_meant(organization, &query));
    let orgs: Vec<Resource<OrgAttributes>> = found.into_iter().map(wire::org).collect();
    Ok(Data::at(query.here(), orgs))
}

pub async fn show(
    OrganizationScope { scope, .. }: OrganizationScope,
    query: Query,
) -> VendorResult<impl IntoResponse + use<>> {
    query.only(&["expand"])?;
    scope.require(Permission::OrganizationRead)?;
    Ok(Data::at(query.here(), wire::org(scope.organization())))
}

/// Checks whether the filters include the organization. It belongs to no group, and is not personal.
fn is_meant(organization: &Organization, query: &Query) -> bool {
    let slug = query.text("slug").is_none_or(|slug| slug == organization.slug.as_str());
    let name =
        query.text("name").is_none_or(|part| organization.name.as_str().to_lowercase().contains(&part.to_lowercase()));
    slug && name && query.text("group_id").is_none() && query.text("is_personal") != Some("true")
}
