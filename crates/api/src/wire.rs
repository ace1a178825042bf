//! The JSON bodies that the API sends and accepts. In the document, each type has the name of the thing that it
//! describes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;
pub use vestibule_core::webhook::{ActorBody, EventBody};
use vestibule_domain::{
    ApiKey, CursorPage, InvitationRow, Inviter, MailState, Member, Metadata, Organization, Permission, Resource, Role,
    State, Status, Total, clock,
};

/// One page of a list, newest first unless `sort` asks for another order.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub data: Vec<T>,
    /// Send this as `cursor` to get the next page. Null on the last page.
    pub next_cursor: Option<String>,
    /// Send this as `cursor` to get the previous page. Null on the first page.
    pub previous_cursor: Option<String>,
    /// The number of items on all pages.
    pub total: u64,
    /// `false` if there are more: a list with a filter is counted up to 10,000 items.
    pub total_is_exact: bool,
}

impl<T> List<T> {
    /// Builds the body of one page; `total` counts the items on all pages.
    pub fn of<U>(page: CursorPage<U>, total: Total, body: impl FnMut(U) -> T) -> Self {
        let page = page.map(body);
        Self {
            data: page.items,
            next_cursor: page.older,
            previous_cursor: page.newer,
            total: total.number,
            total_is_exact: total.is_exact,
        }
    }

    /// Builds the body of a list that is short enough for one page.
    pub fn whole(data: Vec<T>) -> Self {
        let total = data.len() as u64;
        Self { data, next_cursor: None, previous_cursor: None, total, total_is_exact: true }
    }
}

/// An organization with its settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationBody {
    pub id: Uuid,
    #[schema(example = "acme")]
    pub slug: String,
    #[schema(example = "Acme")]
    pub name: String,
    /// The number of days for which a new invitation stays open.
    #[schema(example = 7)]
    pub invitation_lifetime_days: u16,
    /// People who have not answered after this many days get one reminder by email. Null: no reminders.
    #[schema(example = 3)]
    pub reminder_days: Option<u16>,
    /// The domains that people can be invited at. Empty: any domain.
    pub allowed_domains: Vec<String>,
    /// The origins that invitees can be sent to after they accept.
    #[schema(example = json!(["https://app.example"]))]
    pub redirect_origins: Vec<String>,
    /// People who never became members are erased this many days after their last invitation ended. Null: nobody is
    /// erased.
    #[schema(example = 180)]
    pub invitation_retention_days: Option<u16>,
    /// Finished mails are deleted after this many days. Null: the installation's setting applies.
    #[schema(example = 30)]
    pub mail_retention_days: Option<u16>,
    pub created_at: DateTime<Utc>,
}

impl From<Organization> for OrganizationBody {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id.uuid(),
            slug: organization.slug.to_string(),
            name: organization.name.to_string(),
            invitation_lifetime_days: organization.invitation_lifetime_days,
            reminder_days: organization.reminder_days,
            allowed_domains: organization.allowed_domains,
            redirect_origins: organization.redirect_origins.iter().map(ToString::to_string).collect(),
            invitation_retention_days: organization.invitation_retention_days,
            mail_retention_days: organization.mail_retention_days,
            created_at: organization.created_at,
        }
    }
}

/// A role as members and invitations refer to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleRef {
    pub id: Uuid,
    #[schema(example = "member")]
    pub key: String,
    #[schema(example = "Member")]
    pub name: String,
}

impl From<&Role> for RoleRef {
    fn from(role: &Role) -> Self {
        Self { id: role.id.uuid(), key: role.key.clone(), name: role.name.clone() }
    }
}

/// A role with its permissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleBody {
    pub id: Uuid,
    /// Unique in the organization, and can never be changed.
    #[schema(example = "billing-reader")]
    pub key: String,
    #[schema(example = "Billing reader")]
    pub name: String,
    #[schema(value_type = Vec<String>, example = json!(["org.read", "org.user.read"]))]
    pub permissions: Vec<Permission>,
    /// Every organization has the built-in roles. They can't be changed or deleted.
    pub built_in: bool,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        let built_in = role.is_built_in();
        Self { id: role.id.uuid(), key: role.key, name: role.name, permissions: role.permissions, built_in }
    }
}

/// A resource that invitations and members can be limited to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Resource)]
pub struct ResourceBody {
    pub id: Uuid,
    #[schema(example = "Garden app")]
    pub name: String,
    /// Your own id for the resource.
    #[schema(example = "app-1138")]
    pub external_id: Option<String>,
    #[schema(example = "com.example.garden")]
    pub bundle_id: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl From<&Resource> for ResourceBody {
    fn from(resource: &Resource) -> Self {
        Self {
            id: resource.id.uuid(),
            name: resource.name.to_string(),
            external_id: resource.external_id.as_ref().map(|label| label.as_str().to_owned()),
            bundle_id: resource.bundle_id.as_ref().map(|label| label.as_str().to_owned()),
            created_at: resource.created_at,
        }
    }
}

/// The person or API key that invited.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
#[schema(as = Inviter)]
pub enum InviterBody {
    User { id: Uuid, name: String },
    ApiKey { id: Uuid, name: String },
}

impl InviterBody {
    /// Builds the body. A key that acts on behalf of a person is shown as that person.
    pub fn new(inviter: Inviter, name: String) -> Self {
        match inviter {
            Inviter::User(id) | Inviter::OnBehalf { user_id: id, .. } => Self::User { id: id.uuid(), name },
            Inviter::ApiKey(id) => Self::ApiKey { id: id.uuid(), name },
        }
    }
}

/// An invitation with its roles, resources and state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationBody {
    pub id: Uuid,
    pub organization_id: Uuid,
    #[schema(example = "grace@example.com")]
    pub email: String,
    /// The invitee's name as the inviter entered it.
    #[schema(example = "Grace Okafor")]
    pub name: Option<String>,
    #[schema(value_type = String, example = "pending")]
    pub status: Status,
    pub roles: Vec<RoleRef>,
    /// The resources that the invitation is limited to. Empty: no limit.
    pub resources: Vec<ResourceBody>,
    pub message: Option<String>,
    /// Copied to the member on acceptance. The invitee may see it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// Copied to the member on acceptance. Only the organization's servers see it.
    #[schema(value_type = Object)]
    pub private_metadata: Map<String, Value>,
    pub redirect_url: Option<String>,
    pub locale: Option<String>,
    pub inviter: InviterBody,
    #[serde(serialize_with = "clock::write")]
    pub created_at: DateTime<Utc>,
    /// When the current link was issued: at creation, or at the last resend.
    #[serde(serialize_with = "clock::write")]
    pub issued_at: DateTime<Utc>,
    #[serde(serialize_with = "clock::write")]
    pub expires_at: DateTime<Utc>,
    /// When the invitation was accepted, declined or revoked, or when it expired.
    #[serde(serialize_with = "clock::write_option")]
    pub closed_at: Option<DateTime<Utc>>,
    /// The member that the acceptance created.
    pub member_id: Option<Uuid>,
    pub decline_reason: Option<String>,
    pub delivery: InvitationMailBody,
    /// The link to hand over. Present only in the answer that created an invitation with `notify: false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptance_url: Option<String>,
}

impl InvitationBody {
    /// Builds the body. `now` decides whether the invitation has expired.
    pub fn new(row: InvitationRow, now: DateTime<Utc>) -> Self {
        let (closed_at, invitation) = (row.invitation.closed_at(now), row.invitation);
        let (member_id, decline_reason) = closing(&invitation.state);
        Self {
            id: invitation.id.uuid(),
            organization_id: invitation.organization_id.uuid(),
            email: invitation.email.typed().to_owned(),
            name: invitation.name.map(|name| name.to_string()),
            status: row.status,
            roles: row.roles.iter().map(RoleRef::from).collect(),
            resources: row.resources.iter().map(ResourceBody::from).collect(),
            message: invitation.message.map(|message| message.as_str().to_owned()),
            metadata: invitation.metadata.public.into_map(),
            private_metadata: invitation.metadata.private.into_map(),
            redirect_url: invitation.redirect_url.map(|url| url.as_str().to_owned()),
            locale: invitation.locale.map(|locale| locale.as_str().to_owned()),
            inviter: InviterBody::new(invitation.inviter, row.inviter.to_string()),
            created_at: invitation.created_at,
            issued_at: invitation.issued_at,
            expires_at: invitation.expires_at,
            closed_at,
            member_id,
            decline_reason,
            delivery: InvitationMailBody { state: invitation.mail_state },
            acceptance_url: None,
        }
    }
}

/// The delivery state of the mail with the current link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct InvitationMailBody {
    #[schema(value_type = String, example = "queued")]
    pub state: MailState,
}

/// Returns the member that an acceptance created, and the reason that was given for declining.
fn closing(state: &State) -> (Option<Uuid>, Option<String>) {
    match state {
        State::Accepted { member_id, .. } => (Some(member_id.uuid()), None),
        State::Declined { reason, .. } => (None, reason.as_ref().map(|reason| reason.as_str().to_owned())),
        State::Pending | State::Revoked { .. } | State::Expired { .. } => (None, None),
    }
}

/// A member of the organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberBody {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub user_id: Uuid,
    #[schema(example = "Grace Okafor")]
    pub name: String,
    #[schema(example = "grace@example.com")]
    pub email: String,
    pub roles: Vec<RoleRef>,
    /// The resources that the membership is limited to. Empty: no limit.
    pub resources: Vec<ResourceBody>,
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    #[schema(value_type = Object)]
    pub private_metadata: Map<String, Value>,
    /// The invitation that the member accepted. Null for the first owner.
    pub invitation_id: Option<Uuid>,
    #[serde(serialize_with = "clock::write")]
    pub joined_at: DateTime<Utc>,
}

impl MemberBody {
    /// Builds the body. `resources` must contain those that the member is limited to; any others are ignored.
    pub fn new(member: Member, resources: &[Resource]) -> Self {
        let Metadata { public, private } = member.metadata;
        Self {
            id: member.id.uuid(),
            organization_id: member.organization_id.uuid(),
            user_id: member.user_id.uuid(),
            name: member.name.to_string(),
            email: member.email.typed().to_owned(),
            roles: member.roles.iter().map(Into::into).collect(),
            resources: member
                .resource_ids
                .iter()
                .filter_map(|id| resources.iter().find(|resource| resource.id == *id))
                .map(Into::into)
                .collect(),
            metadata: public.into_map(),
            private_metadata: private.into_map(),
            invitation_id: member.invitation_id.map(|id| id.uuid()),
            joined_at: member.joined_at,
        }
    }
}

/// An API key without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyBody {
    pub id: Uuid,
    #[schema(example = "ci")]
    pub name: String,
    /// The API that the key works on.
    #[schema(example = "native")]
    pub surface: &'static str,
    #[schema(value_type = Vec<String>)]
    pub permissions: Vec<Permission>,
    /// The last characters of the token.
    #[schema(example = "x9Qk")]
    pub hint: String,
    pub created_by: ActorBody,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Accurate to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// The token itself. Present only in the answer that created the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.uuid(),
            name: key.name.to_string(),
            surface: key.surface.as_str(),
            permissions: key.permissions,
            hint: key.hint,
            created_by: key.created_by.into(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
            token: None,
        }
    }
}
