//! Snyk's JSON. Its schemas are closed, so an answer must not have
//! other fields.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use vestibule_domain::{Instant, Invitation, InvitationRow, Member, Organization, OrganizationId, Role, Status};
use vestibule_web::Json;

/// A JSON:API body with the version of JSON:API that it follows.
#[derive(Serialize)]
pub struct Document<T> {
    jsonapi: JsonApi,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct JsonApi {
    version: &'static str,
}

/// One resource or several, with the links to this page and its neighbours.
#[derive(Serialize)]
pub struct Data<T> {
    pub data: T,
    pub links: Links,
}

/// The links of an answer.
#[derive(Default, Serialize)]
pub struct Links {
    #[serde(rename = "self")]
    pub here: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A resource: an id, a type and attributes.
#[derive(Serialize)]
pub struct Resource<A> {
    id: Uuid,
    r#type: &'static str,
    attributes: A,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationships: Option<Value>,
}

/// The attributes of an organization.
#[derive(Serialize)]
pub struct OrgAttributes {
    created_at: String,
    is_personal: bool,
    name: String,
    slug: String,
}

/// The attributes of an invitation.
#[derive(Serialize)]
pub struct InviteAttributes {
    email: String,
    is_active: bool,
    role: String,
}

/// The attributes of a membership.
#[derive(Serialize)]
pub struct MembershipAttributes {
    created_at: String,
}

/// The attributes of a role.
#[derive(Serialize)]
pub struct RoleAttributes {
    custom: bool,
    name: String,
    normalized_name: String,
    permissions: Vec<&'static str>,
}

impl<T> Document<T> {
    pub fn new(content: T) -> Self {
        Self { jsonapi: JsonApi { version: "1.0" }, content }
    }
}

impl<T: Serialize> IntoResponse for Document<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.api+json"));
        response
    }
}

impl<T> Data<T> {
    /// Builds a document with a link to itself and no others.
    pub fn at(here: String, data: T) -> Document<Self> {
        Document::new(Self { data, links: Links { here, ..Links::default() } })
    }
}

fn time(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub fn org(organization: &Organization) -> Resource<OrgAttributes> {
    let attributes = OrgAttributes {
        created_at: time(organization.created_at),
        is_personal: false,
        name: organization.name.to_string(),
        slug: organization.slug.to_string(),
    };
    Resource { id: organization.id.uuid(), r#type: "org", attributes, relationships: None }
}

/// Returns a new invitation as the answer to its creation has it: with the id of the role.
pub fn made(invitation: &Invitation, role: Uuid) -> Resource<InviteAttributes> {
    let email = invitation.email.typed().to_owned();
    let attributes = InviteAttributes { email, is_active: true, role: role.to_string() };
    invite(invitation, attributes)
}

/// Returns an invitation as a list has it: with the names of its roles.
pub fn listed(row: &InvitationRow) -> Resource<InviteAttributes> {
    let attributes = InviteAttributes {
        email: row.invitation.email.typed().to_owned(),
        is_active: row.status == Status::Pending,
        role: row.role_names().join(", "),
    };
    invite(&row.invitation, attributes)
}

fn invite(invitation: &Invitation, attributes: InviteAttributes) -> Resource<InviteAttributes> {
    let org = invitation.organization_id;
    let relationship = json!({ "data": identifier(org), "links": { "related": { "href": format!("/orgs/{org}") } } });
    let relationships = Some(json!({ "org": relationship }));
    Resource { id: invitation.id.uuid(), r#type: "org_invitation", attributes, relationships }
}

fn identifier(org: OrganizationId) -> Value {
    json!({ "type": "org", "id": org })
}

/// Returns a member of the organization. Of several roles, it shows the one with the most permissions.
pub fn membership(member: &Member, organization: &Organization) -> Resource<MembershipAttributes> {
    let named = |kind: &str, id: Uuid, attributes: Value| json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
    let email = member.email.typed();
    let user = json!({ "name": member.name, "email": email, "username": email });
    let role =
        Role::mightiest(&member.roles).map(|role| named("org_role", role.id.uuid(), json!({ "name": role.name })));
    let relationships = Some(json!({
        "org": named("org", organization.id.uuid(), json!({ "name": organization.name })),
        "role": role,
        "user": named("user", member.user_id.uuid(), user),
    }));
    let attributes = MembershipAttributes { created_at: time(member.joined_at) };
    Resource { id: member.id.uuid(), r#type: "org_membership", attributes, relationships }
}

/// Returns a role. The organization takes the place of the tenant.
pub fn role(role: Role) -> Resource<RoleAttributes> {
    let tenant = json!({ "tenant": { "data": { "type": "tenant", "id": role.organization_id } } });
    let attributes = RoleAttributes {
        custom: !role.is_built_in(),
        permissions: role.permissions.iter().map(|permission| permission.as_str()).collect(),
        name: role.name,
        normalized_name: role.key,
    };
    Resource { id: role.id.uuid(), r#type: "tenant_role", attributes, relationships: Some(tenant) }
}
