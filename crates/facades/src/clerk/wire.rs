//! Clerk's JSON: ids, words for roles and statuses, times and bodies.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;
use vestibule_domain::{
    Instant, InvitationId, InvitationView, Object, Organization, OrganizationId, Role, Status, User, UserId,
    token::Token,
};

/// Returns an id in Clerk's form, like `org_` and the UUID without hyphens.
fn id(prefix: &str, uuid: Uuid) -> String {
    format!("{prefix}{}", uuid.simple())
}

fn read_id<T: From<Uuid>>(prefix: &str, text: &str) -> Option<T> {
    let plain = text.strip_prefix(prefix).filter(|plain| plain.len() == 32)?;
    Uuid::try_parse(plain).ok().map(Into::into)
}

pub fn organization_id(organization: OrganizationId) -> String {
    id("org_", organization.uuid())
}

pub fn read_organization_id(text: &str) -> Option<OrganizationId> {
    read_id("org_", text)
}

pub fn user_id(user: UserId) -> String {
    id("user_", user.uuid())
}

pub fn read_user_id(text: &str) -> Option<UserId> {
    read_id("user_", text)
}

pub fn read_organization_invitation_id(text: &str) -> Option<InvitationId> {
    read_id("orginv_", text)
}

pub fn read_application_invitation_id(text: &str) -> Option<InvitationId> {
    read_id("inv_", text)
}

/// Returns Clerk's word for a status. Clerk has no declined invitations; like revoked ones, they can no longer be
/// accepted.
fn status_word(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Accepted => "accepted",
        Status::Declined | Status::Revoked => "revoked",
        Status::Expired => "expired",
    }
}

/// Returns the statuses that Clerk's word covers.
pub fn read_status(word: &str) -> Option<&'static [Status]> {
    match word {
        "pending" => Some(&[Status::Pending]),
        "accepted" => Some(&[Status::Accepted]),
        "revoked" => Some(&[Status::Revoked, Status::Declined]),
        "expired" => Some(&[Status::Expired]),
        _ => None,
    }
}

/// Returns the role that a spelling means: `org:key`, the bare key, or `basic_member`, the former name of members.
pub fn read_role<'a>(roles: &'a [Role], spelling: &str) -> Option<&'a Role> {
    let key = match spelling.strip_prefix("org:").unwrap_or(spelling) {
        "basic_member" => Role::MEMBER,
        key => key,
    };
    roles.iter().find(|role| role.key == key)
}

fn milliseconds(at: Instant) -> i64 {
    at.timestamp_millis()
}

/// A list with the number of all matches.
#[derive(Serialize)]
pub struct List<T> {
    pub data: Vec<T>,
    pub total_count: u64,
}

/// An organization invitation in Clerk's JSON.
#[derive(Serialize)]
pub struct OrganizationInvitation {
    object: &'static str,
    pub id: String,
    email_address: String,
    pub role: String,
    role_name: String,
    organization_id: String,
    inviter_id: Option<String>,
    public_inviter_data: Option<PublicInviter>,
    status: &'static str,
    public_metadata: Map<String, Value>,
    private_metadata: Map<String, Value>,
    url: Option<String>,
    expires_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_organization_data: Option<PublicOrganization>,
}

/// The person who invited, or in whose name a program invited.
#[derive(Serialize)]
pub struct PublicInviter {
    user_id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    image_url: &'static str,
    has_image: bool,
    identifier: String,
}

/// The organization as invitations describe it.
#[derive(Serialize)]
pub struct PublicOrganization {
    id: String,
    name: String,
    slug: String,
    has_image: bool,
}

/// An application invitation in Clerk's JSON.
#[derive(Serialize)]
pub struct Invitation {
    object: &'static str,
    pub id: String,
    email_address: String,
    public_metadata: Map<String, Value>,
    revoked: bool,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    expires_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl From<&Organization> for PublicOrganization {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization_id(organization.id),
            name: organization.name.to_string(),
            slug: organization.slug.to_string(),
            has_image: false,
        }
    }
}

impl From<User> for PublicInviter {
    fn from(user: User) -> Self {
        Self {
            user_id: user_id(user.id),
            first_name: Some(user.name.first().to_owned()),
            last_name: user.name.rest().map(str::to_owned),
            image_url: "",
            has_image: false,
            identifier: user.email.typed().to_owned(),
        }
    }
}

impl OrganizationInvitation {
    /// Builds the body. `base` is the URL of this facade. Clerk knows one role per invitation: of several, it is the
    /// one with the most permissions.
    pub fn new(view: InvitationView, base: &str) -> Self {
        let (invitation, role) = (&view.invitation, Role::mightiest(&view.roles));
        Self {
            object: "organization_invitation",
            id: id("orginv_", invitation.id.uuid()),
            email_address: invitation.email.typed().to_owned(),
            role: role.map_or_else(String::new, |role| format!("org:{}", role.key)),
            role_name: role.map_or_else(String::new, |role| role.name.clone()),
            organization_id: organization_id(invitation.organization_id),
            inviter_id: view.person.as_ref().map(|person| user_id(person.id)),
            status: status_word(view.status),
            public_metadata: map(&invitation.metadata.public),
            private_metadata: map(&invitation.metadata.private),
            url: url(base, view.token.as_ref()),
            expires_at: Some(milliseconds(invitation.expires_at)),
            created_at: milliseconds(invitation.created_at),
            updated_at: milliseconds(updated_at(&view)),
            public_inviter_data: view.person.map(Into::into),
            public_organization_data: None,
        }
    }
}

impl Invitation {
    /// Builds the body. `base` is the URL of this facade.
    pub fn new(view: InvitationView, base: &str) -> Self {
        let (invitation, status) = (&view.invitation, status_word(view.status));
        Self {
            object: "invitation",
            id: id("inv_", invitation.id.uuid()),
            email_address: invitation.email.typed().to_owned(),
            public_metadata: map(&invitation.metadata.public),
            revoked: status == "revoked",
            status,
            url: url(base, view.token.as_ref()),
            expires_at: Some(milliseconds(invitation.expires_at)),
            created_at: milliseconds(invitation.created_at),
            updated_at: milliseconds(updated_at(&view)),
        }
    }
}

/// Returns the link of an invitation. Clients read the ticket from it by the parameter's name.
fn url(base: &str, token: Option<&Token>) -> Option<String> {
    token.map(|token| format!("{base}/v1/tickets/accept?ticket={}", token.as_str()))
}

fn map(object: &Object) -> Map<String, Value> {
    object.clone().into_map()
}

/// Returns when the invitation was created, resent or closed, whichever was last.
fn updated_at(view: &InvitationView) -> Instant {
    let (invitation, issued_at) = (&view.invitation, view.invitation.issued_at);
    let closed_at = match view.status {
        Status::Pending => None,
        Status::Expired => Some(invitation.expires_at),
        Status::Accepted | Status::Declined | Status::Revoked => invitation.closed_at(issued_at),
    };
    closed_at.map_or(issued_at, |at| at.max(issued_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let user = UserId::new(Instant::UNIX_EPOCH);
        assert_eq!(read_user_id(&user_id(user)), Some(user));
        for text in ["", "user_", &user.to_string(), &format!("user_{user}"), &user_id(user).replace("user", "org")] {
            assert_eq!(read_user_id(text), None, "{text}");
        }
    }

    #[test]
    fn both_generations_of_spellings_name_a_role() {
        let role = |key: &str| Role {
            id: vestibule_domain::RoleId::new(Instant::UNIX_EPOCH),
            organization_id: OrganizationId::new(Instant::UNIX_EPOCH),
            key: key.into(),
            name: key.into(),
            permissions: vec![],
        };
        let roles = [role("admin"), role("member"), role("editor")];
        let read = |spelling| read_role(&roles, spelling).map(|role| role.key.as_str());
        for (spelling, key) in [
            ("org:admin", Some("admin")),
            ("admin", Some("admin")),
            ("org:member", Some("member")),
            ("basic_member", Some("member")),
            ("org:editor", Some("editor")),
            ("org:owner", None),
            ("", None),
        ] {
            assert_eq!(read(spelling), key, "{spelling}");
        }
    }
}
