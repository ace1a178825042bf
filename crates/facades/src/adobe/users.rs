//! Users: the members, which clients list together with the invites.

use super::caller::Tenant;
use super::fault::{Fault, VendorResult};
use super::reading::{self, PAGE, Query, paging};
use super::wire::{ADMINS, OTHER_ADMINS, One, Person, Users};
use crate::FacadeState;
use axum::extract::{FromRequestParts, State};
use axum::http::{HeaderMap, request::Parts};
use vestibule_core::service::NumberedMembers;
use vestibule_domain::{EmailAddress, MemberQuery, RolesHeld};
use vestibule_web::Json;
use vestibule_web::extract::path_parameter;

/// The page number of the path, starting at 0.
pub struct Page(u32);

impl FromRequestParts<FacadeState> for Page {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let text: Option<String> = path_parameter(parts, "page").await;
        reading::page(&text.unwrap_or_default()).map(Self)
    }
}

/// The user of the path, as the client named them.
pub struct ByName(String);

impl FromRequestParts<FacadeState> for ByName {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        path_parameter(parts, "user").await.map(Self).ok_or_else(Fault::no_user)
    }
}

/// The group of the path. It has to be one that this facade has.
pub struct Group(String);

impl FromRequestParts<FacadeState> for Group {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &FacadeState) -> Result<Self, Fault> {
        let name: String = path_parameter(parts, "group").await.unwrap_or_default();
        let is_here = name == ADMINS || OTHER_ADMINS.contains(&name.as_str());
        is_here.then_some(Self(name)).ok_or_else(Fault::no_route)
    }
}

/// Lists the members. A page past the end is the last page again, as with Adobe.
pub async fn list(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    Page(page): Page,
    query: Query,
) -> VendorResult<(HeaderMap, Json<Users>)> {
    let wanted = MemberQuery { domain: query.text("domain").map(str::to_owned), ..MemberQuery::default() };
    let found = state.vestibule.members().numbered_page(&scope, &wanted, page, PAGE).await?;
    if found.members.is_empty() {
        return Err(Fault::no_user());
    }
    Ok(paged(&found, |body| body))
}

/// Lists the members of a group. The only groups are Adobe's own groups of an organization's admins.
pub async fn list_of_group(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    Page(page): Page,
    Group(group): Group,
    query: Query,
) -> VendorResult<(HeaderMap, Json<Users>)> {
    let roles = if group == ADMINS { state.vestibule.roles().all(&scope).await? } else { Vec::new() };
    let admins = MemberQuery { roles: Some(vec![RolesHeld::administer(&roles)]), ..MemberQuery::default() };
    let found = state.vestibule.members().numbered_page(&scope, &admins, page, PAGE).await?;
    let is_bare = query.yes_or_no("excludeGroups", false)?;
    Ok(paged(&found, |mut body| {
        body.group_name = Some(group);
        if is_bare {
            body.users = body.users.into_iter().map(Person::without_groups).collect();
        }
        body
    }))
}

/// Builds a page of users. Without members, the only page is empty.
fn paged(found: &NumberedMembers, finish: impl FnOnce(Users) -> Users) -> (HeaderMap, Json<Users>) {
    let users: Vec<Person> = found.members.iter().map(Person::from).collect();
    let last_page = u64::from(found.page) + 1 >= found.matching.div_ceil(PAGE.into());
    let body = finish(Users { last_page, result: "success", group_name: None, users });
    (paging(found.page, found.matching), Json(body))
}

/// Returns the member with this email address.
pub async fn show(
    State(state): State<FacadeState>,
    Tenant { scope, .. }: Tenant,
    ByName(name): ByName,
    query: Query,
) -> VendorResult<Json<One>> {
    let email = address(&name, query.text("domain")).ok_or_else(Fault::no_user)?;
    let member = state.vestibule.members().of_address(&scope, &email).await?.ok_or_else(Fault::no_user)?;
    Ok(Json(One { result: "success", user: (&member).into() }))
}

/// Parses an email address, in one part or with the domain apart.
pub fn address(name: &str, domain: Option<&str>) -> Option<EmailAddress> {
    match domain.filter(|_| !name.contains('@')) {
        Some(domain) => EmailAddress::parse(&format!("{name}@{domain}")).ok(),
        None => EmailAddress::parse(name).ok(),
    }
}
