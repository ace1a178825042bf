//! ClickHouse's JSON.

use crate::number::RequestUuid;
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use serde::Serialize;
use uuid::Uuid;
use vestibule_domain::{ApiKeyId, Instant, InvitationView, Member, Organization, Role};
use vestibule_web::Json;

/// Returns the public half of the credentials.
pub fn key_id(id: ApiKeyId) -> String {
    id.uuid().simple().to_string()
}

/// A successful answer: the id of the request, and a result unless there is none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Success<T> {
    status: u16,
    request_id: RequestUuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<T>,
}

impl<T> Success<T> {
    pub fn new(request_id: RequestUuid, result: T) -> Self {
        Self { status: 200, request_id, result: Some(result) }
    }
}

impl Success<()> {
    /// Creates an answer without a result.
    pub fn nothing(request_id: RequestUuid) -> Self {
        Self { status: 200, request_id, result: None }
    }
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// An organization in ClickHouse's JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationBody {
    id: Uuid,
    created_at: String,
    name: String,
}

/// An open invitation in ClickHouse's JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    id: Uuid,
    email: String,
    role: &'static str,
    created_at: String,
    expire_at: String,
    assigned_roles: Vec<AssignedRole>,
}

/// A role as an invitation or a member refers to it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignedRole {
    role_id: Uuid,
    role_name: String,
    role_type: &'static str,
}

/// A role with its permissions and members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleBody {
    id: Uuid,
    tenant_id: String,
    owner_id: String,
    name: String,
    r#type: &'static str,
    /// The members that have the role. Absent for keys that are not allowed to read people.
    #[serde(skip_serializing_if = "Option::is_none")]
    actors: Option<Vec<String>>,
    policies: Vec<Policy>,
}

/// The permissions of a role, by Vestibule's names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    allow_deny: &'static str,
    permissions: Vec<&'static str>,
    resources: Vec<String>,
}

/// A member in ClickHouse's JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberBody {
    user_id: Uuid,
    name: String,
    email: String,
    role: &'static str,
    joined_at: String,
    assigned_roles: Vec<AssignedRole>,
}

/// Formats a time as RFC 3339 with milliseconds and `Z`, the only form that some clients can parse.
fn time(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Returns the text that stands for a member in a role's list of actors.
fn actor(member: &Member) -> String {
    format!("user/{}", member.user_id)
}

fn kind(role: &Role) -> &'static str {
    if role.is_built_in() { "system" } else { "custom" }
}

/// Returns the role word from the time before roles had ids: `admin` if the roles allow everything that an admin can
/// do, otherwise `developer`. A client that writes the word back grants nothing new.
fn word(roles: &[Role]) -> &'static str {
    if Role::administer(roles) { "admin" } else { "developer" }
}

/// Returns the key of the role that this word means.
pub fn role_of_word(word: &str) -> Option<&'static str> {
    match word {
        "admin" => Some(Role::ADMIN),
        "developer" => Some(Role::MEMBER),
        _ => None,
    }
}

impl From<&Organization> for OrganizationBody {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.uuid(),
            created_at: time(organization.created_at),
            name: organization.name.to_string(),
        }
    }
}

impl From<InvitationView> for Invitation {
    fn from(view: InvitationView) -> Self {
        let InvitationView { invitation, roles, .. } = view;
        Self {
            id: invitation.id.uuid(),
            email: invitation.email.to_string(),
            role: word(&roles),
            created_at: time(invitation.created_at),
            expire_at: time(invitation.expires_at),
            assigned_roles: roles.iter().map(AssignedRole::from).collect(),
        }
    }
}

impl From<&Role> for AssignedRole {
    fn from(role: &Role) -> Self {
        Self { role_id: role.id.uuid(), role_name: role.name.clone(), role_type: kind(role) }
    }
}

impl RoleBody {
    /// Builds the body; its actors are those of `members` that have the role.
    pub fn new(role: Role, members: Option<&[Member]>) -> Self {
        let tenant = format!("organization/{}", role.organization_id);
        let policy = Policy {
            allow_deny: "ALLOW",
            permissions: role.permissions.iter().map(|permission| permission.as_str()).collect(),
            resources: vec![tenant.clone()],
        };
        let holds = |member: &&Member| member.roles.iter().any(|held| held.id == role.id);
        let actors = members.map(|members| members.iter().filter(holds).map(actor).collect());
        Self {
            id: role.id.uuid(),
            tenant_id: tenant.clone(),
            owner_id: tenant,
            r#type: kind(&role),
            name: role.name,
            actors,
            policies: vec![policy],
        }
    }
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user_id.uuid(),
            name: member.name.to_string(),
            email: member.email.to_string(),
            role: word(&member.roles),
            joined_at: time(member.joined_at),
            assigned_roles: member.roles.iter().map(AssignedRole::from).collect(),
        }
    }
}
