//! Apps: the organization's resources, identified by their external ids.

use super::VENDOR;
use super::caller::{ById, Team};
use super::fault::{Fault, VendorResult};
use super::people::APP_FIELDS;
use super::query::{AcceptedParameters, ListQuery, Query};
use super::wire::{self, Apps, Listed, app_id};
use crate::FacadeState;
use axum::extract::State;
use serde_json::Value;
use uuid::Uuid;
use vestibule_core::service::Scope;
use vestibule_domain::{Permission, Resource, ResourceId};
use vestibule_web::Json;

const ONE: AcceptedParameters =
    AcceptedParameters { filters: &[], sorts: &[], fields: &[("apps", APP_FIELDS)], includes: false, is_list: false };
const OF_SOMEBODY: AcceptedParameters = AcceptedParameters { is_list: true, ..ONE };
const LINKAGES: AcceptedParameters = AcceptedParameters { fields: &[], ..OF_SOMEBODY };
const LIST: AcceptedParameters =
    AcceptedParameters { filters: &["id", "name", "bundleId"], sorts: &["name", "bundleId"], ..OF_SOMEBODY };

/// Lists the apps in the order in which they were created, unless the query sorts them.
pub async fn list(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    query: Query,
) -> VendorResult<Json<Value>> {
    let asked = query.read(&LIST, scope.organization().id.uuid())?;
    scope.require(Permission::OrganizationRead)?;
    let mut apps = state.vestibule.resources().all(&scope).await?;
    apps.retain(|app| {
        let bundle_id = bundle_id(app);
        asked.lets("id", &[&app_id(app)])
            && asked.lets("name", &[app.name.as_str()])
            && asked.lets("bundleId", &[bundle_id])
    });
    asked.sort(&mut apps, |name, app| if name == "name" { app.name.to_string() } else { bundle_id(app).to_owned() });
    page(&state, &scope, &query, &asked, &apps)
}

pub async fn show(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    ById(id): ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let asked = query.read(&ONE, scope.organization().id.uuid())?;
    scope.require(Permission::OrganizationRead)?;
    let found = state.vestibule.resources().find(&scope, &id).await?;
    let found = found.ok_or_else(|| Fault::missing("apps", &id))?;
    let app = state.vestibule.resources().get(&scope, found).await?;
    let base = VENDOR.base_url(state.vestibule.settings());
    Ok(Json(wire::one(query.address(&base, None), wire::app(&base, &asked, &app), Vec::new(), &asked)))
}

/// Returns the page of the apps that a person is limited to.
pub fn of_somebody(state: &FacadeState, scope: &Scope, query: &Query, apps: &[Resource]) -> VendorResult<Json<Value>> {
    let asked = query.read(&OF_SOMEBODY, scope.organization().id.uuid())?;
    page(state, scope, query, &asked, apps)
}

/// Like [`of_somebody`], but with the ids only.
pub fn linkages_of_somebody(
    state: &FacadeState,
    scope: &Scope,
    query: &Query,
    apps: &[Resource],
) -> VendorResult<Json<Value>> {
    let asked = query.read(&LINKAGES, scope.organization().id.uuid())?;
    rows(state, scope, query, &asked, apps, |_, app| wire::linkage(app))
}

/// Returns the ids of the resources that exist among these, which are named as clients know them.
pub async fn apps_of(state: &FacadeState, scope: &Scope, names: &[&str]) -> VendorResult<Vec<ResourceId>> {
    let mut ids = Vec::new();
    for name in names {
        ids.extend(state.vestibule.resources().find(scope, name).await?);
    }
    Ok(ids)
}

/// Returns an empty collection, for answers that include no apps.
pub fn none() -> Apps {
    Apps::new()
}

/// Returns the rows of the requested page, and the last row's id if there are more. Fails when the row that the cursor
/// points to no longer exists.
pub fn part<'a, T>(all: &'a [T], asked: &ListQuery, id: impl Fn(&T) -> Uuid) -> VendorResult<(&'a [T], Option<Uuid>)> {
    let begin = match asked.after {
        None => 0,
        Some(row) => match all.iter().position(|one| id(one) == row) {
            Some(at) => at + 1,
            None => return Err(gone()),
        },
    };
    let end = all.len().min(begin + asked.limit as usize);
    let rows = &all[begin..end];
    Ok((rows, rows.last().filter(|_| end < all.len()).map(id)))
}

/// Returns the refusal of a cursor whose row is no longer in the list.
pub fn gone() -> Fault {
    Fault::parameter("cursor", "The row that this cursor points to no longer exists")
}

fn page(
    state: &FacadeState,
    scope: &Scope,
    query: &Query,
    asked: &ListQuery,
    apps: &[Resource],
) -> VendorResult<Json<Value>> {
    rows(state, scope, query, asked, apps, |base, app| wire::app(base, asked, app))
}

fn rows(
    state: &FacadeState,
    scope: &Scope,
    query: &Query,
    asked: &ListQuery,
    apps: &[Resource],
    row: impl Fn(&str, &Resource) -> Value,
) -> VendorResult<Json<Value>> {
    let base = VENDOR.base_url(state.vestibule.settings());
    let (rows, next) = part(apps, asked, |app| app.id.uuid())?;
    let listed = Listed {
        data: rows.iter().map(|app| row(&base, app)).collect(),
        included: Vec::new(),
        total: apps.len() as u64,
        next: next.map(|last| query.cursor(last, scope.organization().id.uuid())),
    };
    Ok(Json(listed.document(&base, query, asked)))
}

fn bundle_id(app: &Resource) -> &str {
    app.bundle_id.as_ref().map_or("", |id| id.as_str())
}
