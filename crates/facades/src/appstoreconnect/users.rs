//! Members, which this API calls users.

use super::apps::{self, apps_of};
use super::caller::{ById, Team};
use super::fault::{Fault, VendorResult};
use super::people::{self, APP_FIELDS};
use super::query::{AcceptedParameters, ListQuery, Query};
use super::role_names;
use super::wire::Person;
use crate::FacadeState;
use axum::extract::State;
use serde_json::Value;
use vestibule_core::service::Scope;
use vestibule_domain::{Member, MemberQuery, MemberSort, Resource, UserId};
use vestibule_web::Json;

const KIND: &str = "users";

const FIELDS: &[&str] =
    &["username", "firstName", "lastName", "roles", "allAppsVisible", "provisioningAllowed", "visibleApps"];

const ONE: AcceptedParameters = AcceptedParameters {
    filters: &[],
    sorts: &[],
    fields: &[(KIND, FIELDS), ("apps", APP_FIELDS)],
    includes: true,
    is_list: false,
};

const LIST: AcceptedParameters = AcceptedParameters {
    filters: &["username", "roles", "visibleApps"],
    sorts: &["username", "lastName"],
    is_list: true,
    ..ONE
};

/// Lists the members in the order in which they joined, unless the query sorts them.
pub async fn list(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    query: Query,
) -> VendorResult<Json<Value>> {
    let team = scope.organization().id.uuid();
    let asked = query.read(&LIST, team)?;
    let wanted = wanted(&state, &scope, &asked).await?;
    let after = asked.after.map(UserId::from);
    let found = state.vestibule.members().after(&scope, &wanted, after, asked.limit).await?.ok_or_else(apps::gone)?;
    let people: Vec<Person<'_>> = found.members.iter().map(Person::user).collect();
    let next = found.members.last().filter(|_| found.is_more).map(|last| query.cursor(last.user_id.uuid(), team));
    Ok(people::page(&state, &query, &asked, &people, &people::by_id(&found.resources), found.matching, next))
}

pub async fn show(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let asked = query.read(&ONE, scope.organization().id.uuid())?;
    let (member, resources) = member(&state, &scope, &id).await?;
    Ok(people::show(&state, &query, &asked, &Person::user(&member), &people::by_id(&resources)))
}

pub async fn list_apps(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let (_, resources) = member(&state, &scope, &id).await?;
    apps::of_somebody(&state, &scope, &query, &resources)
}

pub async fn list_linkages(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let (_, resources) = member(&state, &scope, &id).await?;
    apps::linkages_of_somebody(&state, &scope, &query, &resources)
}

/// Returns a member with the resources that they are limited to.
async fn member(state: &FacadeState, scope: &Scope, id: &ById) -> VendorResult<(Member, Vec<Resource>)> {
    let found = state.vestibule.members().of_user_and_resources(scope, id.of(KIND)?).await?;
    found.ok_or_else(|| Fault::missing(KIND, &id.0))
}

/// Reads which members the filters accept, and in which order.
async fn wanted(state: &FacadeState, scope: &Scope, asked: &ListQuery) -> VendorResult<MemberQuery> {
    let texts = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
    let roles = match asked.filter("roles") {
        Some(wanted) => {
            people::roles_of_words(&[], &wanted)?;
            Some(role_names::held(&state.vestibule.roles().all(scope).await?, &wanted))
        }
        None => None,
    };
    let resource_ids = match asked.filter("visibleApps") {
        Some(wanted) => Some(apps_of(state, scope, &wanted).await?),
        None => None,
    };
    let sort = asked.sort.iter().map(|(name, descends)| {
        let sort = if name == "lastName" { MemberSort::LastName } else { MemberSort::Email };
        (sort, *descends)
    });
    let addresses = asked.filter("username").map(texts);
    Ok(MemberQuery { addresses, roles, resource_ids, sort: sort.collect(), ..MemberQuery::default() })
}
