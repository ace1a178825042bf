//! Invitations that have not been answered. One that was revoked or declined, or that has expired, does not exist any
//! more for the clients; an accepted one is gone (410).

use super::VENDOR;
use super::apps::{self, apps_of};
use super::body::NewUserInvitation;
use super::caller::{ById, Team};
use super::fault::{Fault, VendorResult, of_closed};
use super::people::{self, APP_FIELDS};
use super::problem;
use super::query::{AcceptedParameters, ListQuery, Query};
use super::wire::{METADATA, PROVISIONING, Person};
use crate::FacadeState;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use vestibule_core::service::{Expiry, NewInvitation, Scope};
use vestibule_domain::{
    InvitationId, InvitationView, OffsetPageOrder, OffsetPageRequest, ResourceId, Role, Status, bounds::few,
};
use vestibule_web::Json;

const KIND: &str = "userInvitations";
/// The number of days for which an invitation is open, as with App Store Connect (1.3).
const OPEN_DAYS: u16 = 3;

const FIELDS: &[&str] = &[
    "email",
    "firstName",
    "lastName",
    "expirationDate",
    "roles",
    "allAppsVisible",
    "provisioningAllowed",
    "visibleApps",
];

const ONE: AcceptedParameters = AcceptedParameters {
    filters: &[],
    sorts: &[],
    fields: &[(KIND, FIELDS), ("apps", APP_FIELDS)],
    includes: true,
    is_list: false,
};

const LIST: AcceptedParameters = AcceptedParameters {
    filters: &["email", "roles", "visibleApps"],
    sorts: &["email", "lastName"],
    is_list: true,
    ..ONE
};

pub async fn list(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    query: Query,
) -> VendorResult<Json<Value>> {
    let team = scope.organization().id.uuid();
    let asked = query.read(&LIST, team)?;
    let Some(request) = request(&state, &scope, &asked).await? else {
        return Ok(people::page(&state, &query, &asked, &[], &apps::none(), 0, None));
    };
    let found = state.vestibule.invitations().offset_page(&scope, &request).await?;
    // one row more than requested shows whether there is a next page
    let rows = &found.rows[..found.rows.len().min(asked.limit as usize)];
    let has_more = found.rows.len() > rows.len();
    let next = rows.last().filter(|_| has_more).map(|last| query.cursor(last.invitation.id.uuid(), team));
    let people: Vec<Person<'_>> = rows.iter().map(Person::invited).collect();
    let apps = people::by_id(rows.iter().flat_map(|view| &view.resources));
    Ok(people::page(&state, &query, &asked, &people, &apps, found.total, next))
}

pub async fn create(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    query: Query,
    new: NewUserInvitation,
) -> VendorResult<Response> {
    let known = AcceptedParameters { fields: &[], includes: false, ..ONE };
    let asked = query.read(&known, scope.organization().id.uuid())?;
    let new = invitation(&state, &scope, new).await?;
    let invitation = state.vestibule.invitations().invite_one(&scope, &new).await?;
    let view = state.vestibule.invitations().view_of(&scope, invitation).await?;
    let base = VENDOR.base_url(state.vestibule.settings());
    let resource = Person::invited(&view).resource(&base, &asked, &apps::none());
    let place = HeaderValue::from_str(resource["links"]["self"].as_str().unwrap_or_default());
    let document = json!({ "data": resource, "links": { "self": query.address(&base, None) } });
    let mut response = (StatusCode::CREATED, Json(document)).into_response();
    if let Ok(place) = place {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

pub async fn show(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let asked = query.read(&ONE, scope.organization().id.uuid())?;
    let view = open(&state, &scope, &id).await?;
    Ok(people::show(&state, &query, &asked, &Person::invited(&view), &people::by_id(&view.resources)))
}

/// Revokes an invitation. The answer has no body.
pub async fn cancel(State(state): State<FacadeState>, Team { scope, .. }: Team, id: ById) -> VendorResult<StatusCode> {
    state.vestibule.invitations().revoke(&scope, id.of(KIND)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn list_apps(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let view = open(&state, &scope, &id).await?;
    apps::of_somebody(&state, &scope, &query, &view.resources)
}

pub async fn list_linkages(
    State(state): State<FacadeState>,
    Team { scope, .. }: Team,
    id: ById,
    query: Query,
) -> VendorResult<Json<Value>> {
    let view = open(&state, &scope, &id).await?;
    apps::linkages_of_somebody(&state, &scope, &query, &view.resources)
}

/// Returns the invitation with this id. Fails when it is no longer open.
async fn open(state: &FacadeState, scope: &Scope, id: &ById) -> VendorResult<InvitationView> {
    let wanted: InvitationId = id.of(KIND)?;
    let view = state.vestibule.invitations().view(scope, wanted).await?;
    match view.status {
        Status::Pending => Ok(view),
        Status::Accepted => Err(of_closed(Status::Accepted)),
        Status::Declined | Status::Revoked | Status::Expired => Err(Fault::missing(KIND, &id.0)),
    }
}

async fn invitation(state: &FacadeState, scope: &Scope, new: NewUserInvitation) -> VendorResult<NewInvitation> {
    let resource_ids = app_ids(state, scope, &new.apps).await?;
    let own = json!({ PROVISIONING: true });
    let private_metadata: Map<String, Value> =
        new.is_provisioning_allowed.then(|| (METADATA.to_owned(), own)).into_iter().collect();
    Ok(NewInvitation {
        email: new.email,
        name: Some(format!("{} {}", new.first_name.trim(), new.last_name.trim())),
        roles_on_first_use: new.roles.iter().map(|word| (word.key, word.name)).collect(),
        resource_ids,
        private_metadata,
        expiry: Expiry::Days(OPEN_DAYS),
        notify: true,
        ..NewInvitation::default()
    })
}

async fn app_ids(state: &FacadeState, scope: &Scope, names: &[String]) -> VendorResult<Vec<ResourceId>> {
    few("visibleApps", names).map_err(|violation| problem::relationship(violation.sentence))?;
    let mut ids = Vec::new();
    for name in names {
        let found = state.vestibule.resources().find(scope, name).await?;
        let id = found.ok_or_else(|| problem::relationship(format!("There is no app with id '{name}'.")))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Returns the part of the list that the query asks for, or `None` if its filters can't match anything.
async fn request(state: &FacadeState, scope: &Scope, asked: &ListQuery) -> VendorResult<Option<OffsetPageRequest>> {
    let mut request = OffsetPageRequest {
        statuses: vec![Status::Pending],
        is_descending: false,
        after: asked.after.map(Into::into),
        ..OffsetPageRequest::new(0, asked.limit + 1)
    };
    if let Some(emails) = asked.filter("email") {
        request.emails = emails.into_iter().map(normal).collect();
        if request.emails.is_empty() {
            return Ok(None);
        }
    }
    if let Some(wanted) = asked.filter("roles") {
        let roles = state.vestibule.roles().all(scope).await?;
        request.role_ids = people::roles_of_words(&roles, &wanted)?.iter().map(|role: &&Role| role.id).collect();
        if request.role_ids.is_empty() {
            return Ok(None);
        }
    }
    if let Some(wanted) = asked.filter("visibleApps") {
        request.resource_ids = apps_of(state, scope, &wanted).await?;
        if request.resource_ids.is_empty() {
            return Ok(None);
        }
    }
    (request.order, request.is_descending) = order(asked);
    Ok(Some(request))
}

/// Normalizes an email address. Any other text is kept as it is, and matches nothing.
fn normal(text: &str) -> String {
    vestibule_domain::EmailAddress::parse(text).map_or_else(|_| text.to_owned(), |email| email.to_string())
}

/// Returns the order of the list. Email addresses are unique, so names after `email` have no effect.
fn order(asked: &ListQuery) -> (OffsetPageOrder, bool) {
    let mut by = asked.sort.iter().map(|(name, descends)| (name.as_str(), *descends));
    match by.next() {
        None => (OffsetPageOrder::Created, false),
        Some(("email", descends)) => (OffsetPageOrder::Email, descends),
        Some((_, descends)) => {
            let email_descends = by.find(|(name, _)| *name == "email").map_or(descends, |(_, descends)| descends);
            (OffsetPageOrder::LastName { email_descends }, descends)
        }
    }
}
