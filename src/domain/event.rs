//! Recorded facts. The audit log, the timeline, the live feed and webhooks are views of them.

use super::{Actor, EventId, Instant, InvitationId, MemberId, OrganizationId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    pub organization_id: OrganizationId,
    /// Counts the organization's events without a gap, in the order they were committed.
    pub number: u64,
    pub at: Instant,
    pub actor: Actor,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    pub fact: Fact,
}

/// What happened, with what a reader needs to understand it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", content = "data")]
pub enum Fact {
    #[serde(rename = "invitation.created")]
    InvitationCreated { email: String, roles: Vec<String> },
    /// `response`: the mail server's words.
    #[serde(rename = "invitation.sent")]
    InvitationSent { response: String },
    #[serde(rename = "invitation.delivery_failed")]
    InvitationDeliveryFailed { response: String },
    #[serde(rename = "invitation.opened")]
    InvitationOpened {},
    #[serde(rename = "invitation.resent")]
    InvitationResent { generation: u32 },
    #[serde(rename = "invitation.edited")]
    InvitationEdited { changes: Vec<Change> },
    #[serde(rename = "invitation.accepted")]
    InvitationAccepted { name: String },
    #[serde(rename = "invitation.declined")]
    InvitationDeclined { reason: Option<String> },
    #[serde(rename = "invitation.revoked")]
    InvitationRevoked {},
    #[serde(rename = "invitation.expired")]
    InvitationExpired {},
    #[serde(rename = "member.added")]
    MemberAdded { name: String, roles: Vec<String> },
    #[serde(rename = "member.roles_changed")]
    MemberRolesChanged { name: String, from: Vec<String>, to: Vec<String> },
    #[serde(rename = "member.removed")]
    MemberRemoved { name: String },
    #[serde(rename = "member.left")]
    MemberLeft { name: String },
}

/// One field of an edit, both values as words for a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub from: String,
    pub to: String,
}

impl Fact {
    /// The action's name: `noun.past-participle`.
    pub fn action(&self) -> &'static str {
        match self {
            Self::InvitationCreated { .. } => "invitation.created",
            Self::InvitationSent { .. } => "invitation.sent",
            Self::InvitationDeliveryFailed { .. } => "invitation.delivery_failed",
            Self::InvitationOpened {} => "invitation.opened",
            Self::InvitationResent { .. } => "invitation.resent",
            Self::InvitationEdited { .. } => "invitation.edited",
            Self::InvitationAccepted { .. } => "invitation.accepted",
            Self::InvitationDeclined { .. } => "invitation.declined",
            Self::InvitationRevoked {} => "invitation.revoked",
            Self::InvitationExpired {} => "invitation.expired",
            Self::MemberAdded { .. } => "member.added",
            Self::MemberRolesChanged { .. } => "member.roles_changed",
            Self::MemberRemoved { .. } => "member.removed",
            Self::MemberLeft { .. } => "member.left",
        }
    }
}
