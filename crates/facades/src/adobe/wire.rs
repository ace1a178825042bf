//! Adobe's JSON: ids, invites, users, reports of commands, token answers (dialects/adobe-and-clerk.md, Part B).

use serde::Serialize;
use uuid::Uuid;
use vestibule_domain::{ApiKeyId, InvitationView, Inviter, Member, Name, OrganizationId, User, UserId};

/// 32 capital hexadecimal digits, as all of Adobe's ids begin.
fn hex(uuid: Uuid) -> String {
    format!("{:X}", uuid.simple())
}

/// What stands in paths for an organization of ours.
pub fn organization_id(organization: OrganizationId) -> String {
    format!("{}@AdobeOrg", hex(organization.uuid()))
}

/// Whether this could be some organization's id, ours or Adobe's own.
pub fn is_organization_id(text: &str) -> bool {
    let plain = text.strip_suffix("@AdobeOrg").unwrap_or_default();
    !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// What clients send as `x-api-key` and as `client_id`.
pub fn client_id(key: ApiKeyId) -> String {
    key.uuid().simple().to_string()
}

fn person_id(user: UserId) -> String {
    format!("{}@AdobeID", hex(user.uuid()))
}

/// A program, which to Adobe is a technical account. No mail reaches it.
fn program_id(key: ApiKeyId) -> String {
    format!("{}@techacct.adobe.com", hex(key.uuid()))
}

/// What resend and revoke answer.
#[derive(Serialize)]
pub struct Success {
    status: &'static str,
}

impl Success {
    pub const NEW: Self = Self { status: "success" };
}

/// An invitation that nobody has answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    email: String,
    invite_code: String,
    /// Milliseconds since 1970. A resend moves it.
    #[serde(rename = "lastSentDTS")]
    last_sent: i64,
    invited_by: InvitedBy,
}

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

    fn gone(id: UserId) -> Self {
        let none = String::new;
        Self { id: person_id(id), email: none(), first_name: none(), last_name: none(), country_code: "" }
    }
}

/// Adobe's group of those who administer an organization. Its clients do not remove people who are in it.
pub const ADMINS: &str = "_org_admin";
/// Adobe's other groups of an organization's admins, in which nobody is here.
pub const OTHER_ADMINS: [&str; 2] = ["_deployment_admin", "_support_admin"];

/// A member, in the style of users: small letters throughout. What is not known is left out, as Adobe does.
#[derive(Serialize)]
pub struct Person {
    id: String,
    email: String,
    username: String,
    domain: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<&'static str>>,
    /// What Adobe had before it had groups for it.
    #[serde(rename = "adminRoles")]
    admin_roles: Vec<&'static str>,
    firstname: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    lastname: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Person {
    /// Without its groups, as a client may ask.
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

/// A page of users.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Users {
    pub last_page: bool,
    pub result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    pub users: Vec<Person>,
}

/// One user.
#[derive(Serialize)]
pub struct One {
    pub result: &'static str,
    pub user: Person,
}

/// What came of a list of commands. Counts are of commands, whatever number of steps they have.
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

/// An error or a warning about one step. Clients throw away the whole batch where `index` or `step` is no number.
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

/// A token for a client that has proved who it is.
#[derive(Serialize)]
pub struct TokenAnswer {
    token_type: &'static str,
    access_token: String,
    expires_in: i64,
}

impl TokenAnswer {
    /// `expires_in` is in the unit of the endpoint.
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
