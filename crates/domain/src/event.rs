//! Recorded facts. The audit log, the timeline, the live feed and webhooks are views of them.

use super::search::folded;
use super::webhook::DisabledWhy;
use super::{
    Actor, ApiKeyId, DependentChanges, EventHash, EventId, Instant, InvitationId, MemberId, OrganizationId, Permission,
    ResourceId, Status, Surface, UndoneChange, WebhookEndpointId,
};
use serde::{Deserialize, Serialize};

/// An event as it is stored: a fact, with who caused it and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    pub organization_id: OrganizationId,
    /// The number of the event. It counts the organization's events in the order in which they were committed, without
    /// gaps except where a backup was restored.
    pub number: u64,
    pub at: Instant,
    pub actor: Actor,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    pub fact: Fact,
    /// The hash of all events up to this one; see [`super::chain`].
    pub hash: EventHash,
}

/// What happened, with what a reader needs to understand it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", content = "data")]
pub enum Fact {
    #[serde(rename = "invitation.created")]
    InvitationCreated { email: String, roles: Vec<String> },
    /// The mail server took the invitation's mail. `response` is what it answered.
    #[serde(rename = "invitation.sent")]
    InvitationSent { response: String },
    #[serde(rename = "invitation.delivery_failed")]
    InvitationDeliveryFailed { response: String },
    #[serde(rename = "invitation.opened")]
    InvitationOpened {},
    #[serde(rename = "invitation.reminded")]
    InvitationReminded {},
    #[serde(rename = "invitation.resent")]
    InvitationResent {
        generation: u32,
        /// Another inviter, if the previous one may no longer give these roles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<Change>,
    },
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
    /// Whoever revoked, resent or edited the invitation has taken that back. `status` and `generation` are what holds
    /// again, and `changes` are the fields of the offer that changed back.
    #[serde(rename = "invitation.change_undone")]
    InvitationChangeUndone {
        change: UndoneChange,
        status: Status,
        generation: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<Change>,
    },
    #[serde(rename = "member.added")]
    MemberAdded { name: String, roles: Vec<String> },
    #[serde(rename = "member.roles_changed")]
    MemberRolesChanged {
        name: String,
        from: Vec<String>,
        to: Vec<String>,
        #[serde(flatten)]
        settled: DependentChanges,
    },
    #[serde(rename = "member.removed")]
    MemberRemoved {
        name: String,
        #[serde(flatten)]
        settled: DependentChanges,
    },
    /// Fields changed, but not the roles, which have an action of their own.
    #[serde(rename = "member.edited")]
    MemberEdited {
        name: String,
        changes: Vec<Change>,
        #[serde(flatten)]
        settled: DependentChanges,
    },
    #[serde(rename = "member.left")]
    MemberLeft {
        name: String,
        #[serde(flatten)]
        settled: DependentChanges,
    },
    /// So many sign-ins have failed since the last such event. It does not say who tried.
    #[serde(rename = "member.sign_in_failed")]
    SignInFailed { name: String, count: u32 },
    /// Sign-ins were refused for a while, because too many had failed.
    #[serde(rename = "member.locked_out")]
    SignInLockedOut { name: String },
    /// All that was kept about a person was replaced. `name` is their pseudonym.
    #[serde(rename = "person.erased")]
    PersonErased { name: String },
    /// Vouches for `count` events that no longer hold what was written, because somebody was erased in them. `digest`
    /// is [`super::chain::Redaction::digest`].
    #[serde(rename = "person.events_redacted")]
    PersonEventsRedacted { name: String, count: u64, digest: String },
    #[serde(rename = "organization.edited")]
    OrganizationEdited { changes: Vec<Change> },
    /// A backup of `backup_made_at` was restored whose last event is `last_number`. The numbers between that one and
    /// this event's are skipped, because others may have seen events with them that the backup does not contain.
    #[serde(rename = "organization.restored")]
    OrganizationRestored { last_number: u64, backup_made_at: Instant },
    #[serde(rename = "role.created")]
    RoleCreated { key: String, name: String, permissions: Vec<Permission> },
    #[serde(rename = "role.edited")]
    RoleEdited {
        key: String,
        name: String,
        changes: Vec<Change>,
        #[serde(flatten)]
        settled: DependentChanges,
    },
    #[serde(rename = "role.deleted")]
    RoleDeleted { key: String, name: String },
    #[serde(rename = "resource.created")]
    ResourceCreated { id: ResourceId, name: String },
    #[serde(rename = "resource.edited")]
    ResourceEdited { id: ResourceId, name: String, changes: Vec<Change> },
    #[serde(rename = "resource.deleted")]
    ResourceDeleted { id: ResourceId, name: String },
    #[serde(rename = "api_key.created")]
    ApiKeyCreated { id: ApiKeyId, name: String, surface: Surface, permissions: Vec<Permission> },
    /// The key's permissions or maker changed, because its maker lost permissions or somebody took it over.
    #[serde(rename = "api_key.edited")]
    ApiKeyEdited { id: ApiKeyId, name: String, changes: Vec<Change> },
    #[serde(rename = "api_key.revoked")]
    ApiKeyRevoked {
        id: ApiKeyId,
        name: String,
        #[serde(flatten)]
        settled: DependentChanges,
    },
    #[serde(rename = "webhook.created")]
    WebhookCreated { id: WebhookEndpointId, url: String, actions: Vec<String> },
    #[serde(rename = "webhook.edited")]
    WebhookEdited { id: WebhookEndpointId, url: String, changes: Vec<Change> },
    #[serde(rename = "webhook.secret_rotated")]
    WebhookSecretRotated { id: WebhookEndpointId, url: String },
    /// We disabled the webhook: it answered 410, or every attempt failed for days, or its maker is no longer allowed to
    /// have webhooks.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled { id: WebhookEndpointId, url: String, why: DisabledWhy },
    #[serde(rename = "webhook.deleted")]
    WebhookDeleted { id: WebhookEndpointId, url: String },
}

/// One changed field of an edit, with both values as words for a reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub from: String,
    pub to: String,
}

impl Change {
    /// Returns those of the triples `(field, from, to)` whose values differ.
    pub fn between(fields: impl IntoIterator<Item = (&'static str, String, String)>) -> Vec<Self> {
        let changed = fields.into_iter().filter(|(_, from, to)| from != to);
        changed.map(|(field, from, to)| Self { field: field.into(), from, to }).collect()
    }
}

impl Fact {
    /// The names of all actions, in the order in which things pass through them.
    pub const ACTIONS: [&str; 37] = [
        "invitation.created",
        "invitation.sent",
        "invitation.delivery_failed",
        "invitation.opened",
        "invitation.reminded",
        "invitation.resent",
        "invitation.edited",
        "invitation.accepted",
        "invitation.declined",
        "invitation.revoked",
        "invitation.expired",
        "invitation.change_undone",
        "member.added",
        "member.roles_changed",
        "member.removed",
        "member.edited",
        "member.left",
        "member.sign_in_failed",
        "member.locked_out",
        "person.erased",
        "person.events_redacted",
        "organization.edited",
        "organization.restored",
        "role.created",
        "role.edited",
        "role.deleted",
        "resource.created",
        "resource.edited",
        "resource.deleted",
        "api_key.created",
        "api_key.edited",
        "api_key.revoked",
        "webhook.created",
        "webhook.edited",
        "webhook.secret_rotated",
        "webhook.disabled",
        "webhook.deleted",
    ];

    /// The action of the event that may skip numbers; see [`super::chain`].
    pub const RESTORED: &str = "organization.restored";

    /// The action that vouches for redactions; see [`super::chain::Redaction`].
    pub const EVENTS_REDACTED: &str = "person.events_redacted";

    /// Returns the actions that a name stands for: itself, or all of a noun like `invitation`. Returns none for any
    /// other text.
    pub fn actions_named(name: &str) -> Vec<&'static str> {
        let is_named = |action: &&str| *action == name || action.split_once('.').is_some_and(|(noun, _)| noun == name);
        Self::ACTIONS.into_iter().filter(is_named).collect()
    }

    /// Returns the text by which the search finds the event, folded: see [`crate::search`]. It is empty for events that
    /// are found by their invitation or membership instead: these are most of all events, and need no place in the index
    /// of names.
    pub fn search(&self) -> String {
        if matches!(self, Self::MemberAdded { .. }) { String::new() } else { folded(self.name()) }
    }

    /// Returns the name of the thing that the fact is about. It is empty for invitations and the organization, whose
    /// names are stored elsewhere.
    pub fn name(&self) -> &str {
        match self {
            Self::WebhookCreated { url: name, .. }
            | Self::WebhookEdited { url: name, .. }
            | Self::WebhookSecretRotated { url: name, .. }
            | Self::WebhookDisabled { url: name, .. }
            | Self::WebhookDeleted { url: name, .. }
            | Self::MemberAdded { name, .. }
            | Self::MemberRolesChanged { name, .. }
            | Self::MemberRemoved { name, .. }
            | Self::MemberEdited { name, .. }
            | Self::MemberLeft { name, .. }
            | Self::SignInFailed { name, .. }
            | Self::SignInLockedOut { name }
            | Self::PersonErased { name }
            | Self::PersonEventsRedacted { name, .. }
            | Self::RoleCreated { name, .. }
            | Self::RoleEdited { name, .. }
            | Self::RoleDeleted { name, .. }
            | Self::ResourceCreated { name, .. }
            | Self::ResourceEdited { name, .. }
            | Self::ResourceDeleted { name, .. }
            | Self::ApiKeyCreated { name, .. }
            | Self::ApiKeyEdited { name, .. }
            | Self::ApiKeyRevoked { name, .. } => name,
            Self::InvitationCreated { .. }
            | Self::InvitationSent { .. }
            | Self::InvitationDeliveryFailed { .. }
            | Self::InvitationOpened {}
            | Self::InvitationReminded {}
            | Self::InvitationResent { .. }
            | Self::InvitationEdited { .. }
            | Self::InvitationAccepted { .. }
            | Self::InvitationDeclined { .. }
            | Self::InvitationRevoked {}
            | Self::InvitationExpired {}
            | Self::InvitationChangeUndone { .. }
            | Self::OrganizationEdited { .. }
            | Self::OrganizationRestored { .. } => "",
        }
    }

    /// Returns the name of the action: `noun.past-participle`.
    pub fn action(&self) -> &'static str {
        match self {
            Self::InvitationCreated { .. } => "invitation.created",
            Self::InvitationSent { .. } => "invitation.sent",
            Self::InvitationDeliveryFailed { .. } => "invitation.delivery_failed",
            Self::InvitationOpened {} => "invitation.opened",
            Self::InvitationReminded {} => "invitation.reminded",
            Self::InvitationResent { .. } => "invitation.resent",
            Self::InvitationEdited { .. } => "invitation.edited",
            Self::InvitationAccepted { .. } => "invitation.accepted",
            Self::InvitationDeclined { .. } => "invitation.declined",
            Self::InvitationRevoked {} => "invitation.revoked",
            Self::InvitationExpired {} => "invitation.expired",
            Self::InvitationChangeUndone { .. } => "invitation.change_undone",
            Self::MemberAdded { .. } => "member.added",
            Self::MemberRolesChanged { .. } => "member.roles_changed",
            Self::MemberRemoved { .. } => "member.removed",
            Self::MemberEdited { .. } => "member.edited",
            Self::MemberLeft { .. } => "member.left",
            Self::SignInFailed { .. } => "member.sign_in_failed",
            Self::SignInLockedOut { .. } => "member.locked_out",
            Self::PersonErased { .. } => "person.erased",
            Self::PersonEventsRedacted { .. } => Self::EVENTS_REDACTED,
            Self::OrganizationEdited { .. } => "organization.edited",
            Self::OrganizationRestored { .. } => Self::RESTORED,
            Self::RoleCreated { .. } => "role.created",
            Self::RoleEdited { .. } => "role.edited",
            Self::RoleDeleted { .. } => "role.deleted",
            Self::ResourceCreated { .. } => "resource.created",
            Self::ResourceEdited { .. } => "resource.edited",
            Self::ResourceDeleted { .. } => "resource.deleted",
            Self::ApiKeyCreated { .. } => "api_key.created",
            Self::ApiKeyEdited { .. } => "api_key.edited",
            Self::ApiKeyRevoked { .. } => "api_key.revoked",
            Self::WebhookCreated { .. } => "webhook.created",
            Self::WebhookEdited { .. } => "webhook.edited",
            Self::WebhookSecretRotated { .. } => "webhook.secret_rotated",
            Self::WebhookDisabled { .. } => "webhook.disabled",
            Self::WebhookDeleted { .. } => "webhook.deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::DependentCounts;
    use super::*;

    #[test]
    fn every_action_is_in_the_list() {
        let unknown = serde_json::from_str::<Fact>(r#"{"action":"?","data":{}}"#).unwrap_err().to_string();
        let mut variants: Vec<&str> = unknown.split('`').skip(3).step_by(2).collect();
        let mut actions = Fact::ACTIONS.to_vec();
        variants.sort_unstable();
        actions.sort_unstable();
        assert_eq!(actions, variants, "{unknown}");
    }

    #[test]
    fn an_event_from_before_dependents_is_read_and_written_as_it_was() {
        for text in [
            r#"{"action":"member.removed","data":{"name":"Joan"}}"#,
            r#"{"action":"member.roles_changed","data":{"name":"Joan","from":["Admin"],"to":["Member"]}}"#,
            r#"{"action":"invitation.resent","data":{"generation":2}}"#,
        ] {
            let fact: Fact = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&fact).unwrap(), text);
        }
        let cut = DependentCounts { api_keys: 1, webhooks: 0, invitations: 2 };
        let settled = DependentChanges { cut, ..DependentChanges::default() };
        let text = serde_json::to_string(&Fact::MemberLeft { name: "Joan".into(), settled }).unwrap();
        assert!(text.contains(r#""cut":{"api_keys":1,"webhooks":0,"invitations":2}"#) && !text.contains("taken_over"));
        assert_eq!(serde_json::from_str::<Fact>(&text).unwrap(), Fact::MemberLeft { name: "Joan".into(), settled });
    }

    #[test]
    fn a_noun_stands_for_its_actions() {
        assert_eq!(Fact::actions_named("role"), ["role.created", "role.edited", "role.deleted"]);
        assert_eq!(Fact::actions_named("role.edited"), ["role.edited"]);
        for name in ["", "role.", "rol", "created", "role.created.x"] {
            assert_eq!(Fact::actions_named(name), Vec::<&str>::new(), "{name}");
        }
    }
}
