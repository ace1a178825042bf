//! Members, which this API calls users.

use super::apps::{self, apps_of};
use super::caller::{ById, Team};
use super::fault::{Answer, Fault};
use super::people::{self, APP_FIELDS};
use super::query::{Asked, Known, Query};
use super::wire::{Person, last_name};
use super::words;
use crate::FacadeState;
use axum::Json;
use axum::extract::State;
use serde_json::Value;
use vestibule_core::service::Scope;
use vestibule_domain::{Member, Resource};

const KIND: &str = "users";

const FIELDS: &[&str] =
    &["username", "firstName", "lastName", "roles", "allAppsVisible", "provisioningAllowed", "visibleApps"];

const ONE: Known =
    Known { filters: &[], sorts: &[], fields: &[(KIND, FIELDS), ("apps", APP_FIELDS)], includes: true, is_list: false };

const LIST: Known =
    Known { filters: &["username", "roles", "visibleApps"], sorts: &["username", "lastName"], is_list: true, ..ONE };

/// Lists the members in the order in which they joined, unless the query sorts them.
pub async fn list(State(state): State<FacadeState>, Team { scope, .. }: Team, query: Query) -> Answer<Json<Value>> {
    let team = scope.organization().id.uuid();
    let asked = query.read(&LIST, team)?;
    let (mut members, resources) = state.vestibule.members_and_resources(&scope).await?;
    narrow(&state, &scope, &asked, &mut members).await?;
    sort(&asked, &mut members);
    let total = members.len() as u64;
    let (rows, next) = apps::part(&members, &asked, |member| member.user_id.uuid())?;
    let people: Vec<Person<'_>> = rows.iter().map(Person::user).collect();
    let next = next.map(|row| query.cursor(row, team));
    Ok(people::page(&state, &query, &asked, &people, &people::by_id(&resources), total, next))
}

pub async fn show(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> Answer<Json<Value>> {
    let asked = query.read(&ONE, scope.organization().id.uuid())?;
    let (member, resources) = member(&state, &scope, &id).await?;
    Ok(people::show(&state, &query, &asked, &Person::user(&member), &people::by_id(&resources)))
}

pub async fn list_apps(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> Answer<Json<Value>> {
    let (_, resources) = member(&state, &scope, &id).await?;
    apps::of_somebody(&state, &scope, &query, &resources)
}

pub async fn list_linkages(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> Answer<Json<Value>> {
    let (_, resources) = member(&state, &scope, &id).await?;
    apps::linkages_of_somebody(&state, &scope, &query, &resources)
}

/// Returns a member with the resources that they are limited to.
async fn member(state: &FacadeState, scope: &Scope, id: &ById) -> Answer<(Member, Vec<Resource>)> {
    let found = state.vestibule.member_of_user_and_resources(scope, id.of(KIND)?).await?;
    found.ok_or_else(|| Fault::missing(KIND, &id.0))
}

/// Keeps only the members that the filters accept.
async fn narrow(state: &FacadeState, scope: &Scope, asked: &Asked, members: &mut Vec<Member>) -> Answer<()> {
    if let Some(wanted) = asked.filter("roles") {
        people::roles_of_words(&[], &wanted)?;
    }
    let apps = match asked.filter("visibleApps") {
        Some(wanted) => Some(apps_of(state, scope, &wanted).await?),
        None => None,
    };
    members.retain(|member| {
        let sees = |apps: &Vec<_>| member.resource_ids.iter().any(|id| apps.contains(id));
        asked.lets("username", &[member.email.as_str(), member.email.typed()])
            && asked.lets("roles", &words::of_roles(&member.roles))
            && apps.as_ref().is_none_or(sees)
    });
    Ok(())
}

fn sort(asked: &Asked, members: &mut [Member]) {
    asked.sort(members, |name, member| match name {
        "lastName" => last_name(Some(&member.name)).to_owned(),
        _ => member.email.to_string(),
    });
}
