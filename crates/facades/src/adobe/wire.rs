//! Adobe's JSON: ids, invites, users, reports of commands, token answers.

use serde::Serialize;
use uuid::Uuid;
use vestibule_domain::{ApiKeyId, InvitationView, Inviter, Member, Name, OrganizationId, User, UserId};

/// Returns 32 capital hexadecimal digits, the beginning of all ids in Adobe's form.
fn hex(uuid: Uuid) -> String {
    format!("{:X}", uuid.simple())
}

/// Returns the id that an organization has in paths.
pub fn organization_id(organization: OrganizationId) -> String {
    format!("{}@AdobeOrg", hex(organization.uuid()))
}

/// Checks whether this has the form of an organization's id, Vestibule's or Adobe's.
pub fn is_organization_id(text: &str) -> bool {
    let plain = text.strip_suffix("@AdobeOrg").unwrap_or_default();
    !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// Returns the id that clients send as `x-api-key` and as `client_id`.
pub fn client_id(key: ApiKeyId) -> String {
    key.uuid().simple().to_string()
}

fn person_id(user: UserId) -> String {
    format!("{}@AdobeID", hex(user.uuid()))
}

/// Returns the id of a program, which Adobe calls a technical account. It is not a mailbox.
fn program_id(key: ApiKeyId) -> String {
    format!("{}@techacct.adobe.com", hex(key.uuid()))
}

/// The answer of resend and revoke.
#[derive(Serialize)]
pub struct Success {
    status: &'static str,
}

impl Success {
    pub const NEW: Self = Self { status: "success" };
}

/// An invitation that has not been answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    email: String,
    invite_code: String,
    /// Milliseconds since 1970. A resend updates it.
    #[serde(rename = "lastSentDTS")]
    last_sent: i64,
    invited_by: InvitedBy,
}

/// The person or program that invited.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InvitedBy {
    id: String,
    email: String,
    first_name: String,
    last_name: String,
    country_code: &'static str,
}

impl From<InvitationView> for Invite {
    fn from(view: InvitationView) -> Self {
        let invitation = &view.invitation;
        Self {
            email: invitation.email.typed().to_owned(),
            invite_code: hex(invitation.id.uuid()),
            last_sent: invitation.issued_at.timestamp_millis(),
            invited_by: match (view.person, invitation.inviter) {
                (Some(person), _) => InvitedBy::person(&person),
                (None, Inviter::ApiKey(key) | Inviter::OnBehalf { api_key_id: key, .. }) => {
                    InvitedBy::program(key, view.program)
                }
                (None, Inviter::User(id)) => InvitedBy::gone(id),
            },
        }
    }
}

impl InvitedBy {
    fn person(person: &User) -> Self {
        Self {
            id: person_id(person.id),
            email: person.email.typed().to_owned(),
            first_name: person.name.first().to_owned(),
            last_name: person.name.rest().unwrap_or_default().to_owned(),
            country_code: "",
        }
    }

    fn program(key: ApiKeyId, name: Option<Name>) -> Self {
        let id = program_id(key);
        Self {
            email: id.clone(),
            id,
            first_name: name.map_or_else(String::new, |name| name.to_string()),
            last_name: String::new(),
            country_code: "",
        }
    }

    /// Describes an inviter whose account no longer exists.
    fn gone(id: UserId) -> Self {
        let none = String::new;
        Self { id: person_id(id), email: none(), first_name: none(), last_name: none(), country_code: "" }
    }
}

/// Adobe's group of an organization's administrators. Its clients do not remove people who are in it.
pub const ADMINS: &str = "_org_admin";
/// Adobe's other groups of administrators. In this facade they are always empty.
pub const OTHER_ADMINS: [&str; 2] = ["_deployment_admin", "_support_admin"];

/// A member in Adobe's JSON. The names of users' fields are in lower case; unknown values are left out, as Adobe does.
#[derive(Serialize)]
pub struct Person {
    id: String,
    email: String,
    username: String,
    domain: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<&'static str>>,
    /// The field that Adobe had before there were groups for administrators.
    #[serde(rename = "adminRoles")]
    admin_roles: Vec<&'static str>,
    firstname: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    lastname: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Person {
    /// Removes the groups, as a client can ask.
    pub fn without_groups(self) -> Self {
        Self { groups: None, ..self }
    }
}

impl From<&Member> for Person {
    fn from(member: &Member) -> Self {
        let is_admin = member.administers();
        Self {
            id: person_id(member.user_id),
            email: member.email.typed().to_owned(),
            username: member.email.typed().to_owned(),
            domain: member.email.domain().to_owned(),
            status: "active",
            groups: Some(is_admin.then_some(ADMINS).into_iter().collect()),
            admin_roles: is_admin.then_some("org").into_iter().collect(),
            firstname: member.name.first().to_owned(),
            lastname: member.name.rest().unwrap_or_default().to_owned(),
            kind: "adobeID",
        }
    }
}

/// One page of users.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Users {
    pub last_page: bool,
    pub result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    pub users: Vec<Person>,
}

/// The answer with one user.
#[derive(Serialize)]
pub struct One {
    pub result: &'static str,
    pub user: Person,
}

/// The results of a list of commands. The counts are of commands, however many steps they have.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub completed: usize,
    pub not_completed: usize,
    pub completed_in_test_mode: usize,
    pub result: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Note>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Note>,
}

/// An error or a warning about one step. Clients discard the whole batch if `index` or `step` is not a number.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    pub index: usize,
    pub step: usize,
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning_code: Option<&'static str>,
}

/// An access token for a client that has proved its identity.
#[derive(Serialize)]
pub struct TokenAnswer {
    token_type: &'static str,
    access_token: String,
    expires_in: i64,
}

impl TokenAnswer {
    /// Creates the answer. `expires_in` is in the unit of the endpoint.
    pub fn new(access_token: &str, expires_in: i64) -> Self {
        Self { token_type: "bearer", access_token: access_token.to_owned(), expires_in }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::Instant;

    #[test]
    fn ids_have_adobes_form() {
        let id = Uuid::from_u128(0x0199_8a2c_0000_7000_8000_0000_0000_00ab);
        assert_eq!(organization_id(id.into()), "01998A2C0000700080000000000000AB@AdobeOrg");
        assert_eq!(person_id(id.into()), "01998A2C0000700080000000000000AB@AdobeID");
        assert_eq!(program_id(id.into()), "01998A2C0000700080000000000000AB@techacct.adobe.com");
        assert_eq!(client_id(id.into()), "01998a2c0000700080000000000000ab");
    }

    #[test]
    fn an_organization_id_is_told_by_its_form() {
        let own = organization_id(OrganizationId::new(Instant::UNIX_EPOCH));
        for (text, is_one) in [
            (own.as_str(), true),
            ("A495E53@AdobeOrg", true),
            ("12345@AdobeOrg", true),
            ("", false),
            ("@AdobeOrg", false),
            ("acme", false),
            ("12345@adobeorg", false),
            ("a495e53@AdobeOrg", false),
            ("12 45@AdobeOrg", false),
            ("12345@AdobeOrg@AdobeOrg", false),
        ] {
            assert_eq!(is_organization_id(text), is_one, "{text}");
        }
    }
}
