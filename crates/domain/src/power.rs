//! What somebody may do, and what this leaves of the things that act by their power: their dependents, which are API
//! keys, webhooks and open invitations.

use super::webhook::WebhookEndpoint;
use super::{Actor, ApiKey, ApiKeyId, Invitation, Inviter, Member, Permission, ResourceId, Role, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What somebody may do in an organization: their permissions, and the resources that they are limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Power {
    permissions: Vec<Permission>,
    limit: ResourceLimit,
}

/// The resources that somebody is limited to. The default is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceLimit(Option<Vec<ResourceId>>);

/// The maker of a key, a webhook or an invitation: this acts by the maker's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maker {
    User(UserId),
    ApiKey(ApiKeyId),
}

/// The number of dependents of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentCounts {
    pub api_keys: u64,
    pub webhooks: u64,
    pub invitations: u64,
}

/// The changes to dependents when their maker's power shrank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentChanges {
    /// The keys that lost permissions or were revoked, the webhooks that were disabled, and the invitations that were
    /// revoked.
    #[serde(default, skip_serializing_if = "DependentCounts::is_empty")]
    pub cut: DependentCounts,
    /// The dependents whose maker is now the actor.
    #[serde(default, skip_serializing_if = "DependentCounts::is_empty")]
    pub taken_over: DependentCounts,
}

/// The dependents of a maker, including those of keys that they created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependents {
    pub api_keys: Vec<ApiKey>,
    pub webhooks: Vec<WebhookEndpoint>,
    /// The number of open invitations.
    pub invitations: u64,
}

impl Power {
    pub fn new(permissions: Vec<Permission>, limit: ResourceLimit) -> Self {
        Self { permissions, limit }
    }

    /// Returns the power of somebody who is gone.
    pub fn none() -> Self {
        Self::new(Vec::new(), ResourceLimit::default())
    }

    pub fn of_member(member: &Member) -> Self {
        Self::new(member.permissions(), ResourceLimit::of(&member.resource_ids))
    }

    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    pub fn limit(&self) -> &ResourceLimit {
        &self.limit
    }

    /// Returns the power of a key that this maker created: `permissions`, within the maker's limit.
    pub fn of_key(&self, permissions: Vec<Permission>) -> Self {
        Self::new(permissions, self.limit.clone())
    }

    /// Returns those of a key's permissions that it keeps under this maker.
    pub fn kept(&self, permissions: &[Permission]) -> Vec<Permission> {
        permissions.iter().copied().filter(|permission| self.has(*permission)).collect()
    }

    /// Checks whether a webhook of this maker keeps working.
    pub fn may_have_webhooks(&self) -> bool {
        self.has(Permission::WebhookEndpointEdit)
    }

    /// Checks whether this role may be given with this power.
    pub fn may_give(&self, role: &Role) -> bool {
        role.may_be_granted_by(&self.permissions)
    }

    /// Checks whether this invitation may be changed with this power. `all` are the organization's roles.
    pub fn may_change(&self, all: &[Role], invitation: &Invitation) -> bool {
        let roles: Vec<Role> = offered(all, invitation).cloned().collect();
        self.may_offer(&roles, &invitation.resource_ids)
    }

    /// Checks whether an invitation with these roles, limited to these resources, may be created or edited with this
    /// power.
    pub fn may_offer(&self, roles: &[Role], resource_ids: &[ResourceId]) -> bool {
        self.has(Permission::UserInvite)
            && roles.iter().all(|role| self.may_give(role))
            && self.limit.allows(resource_ids)
    }
}

impl ResourceLimit {
    /// Returns the limit for `ids` as members have them, where an empty list means no limit.
    pub fn of(ids: &[ResourceId]) -> Self {
        Self((!ids.is_empty()).then(|| ids.to_vec()))
    }

    /// Returns the resources that both limits allow.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(mine), Some(theirs)) => Self(Some(mine.into_iter().filter(|id| theirs.contains(id)).collect())),
            (mine, theirs) => Self(mine.or(theirs)),
        }
    }

    /// Checks whether somebody under this limit may give access to these resources. An empty list means all of them.
    pub fn allows(&self, ids: &[ResourceId]) -> bool {
        self.0.as_ref().is_none_or(|own| !ids.is_empty() && ids.iter().all(|id| own.contains(id)))
    }

    /// Checks whether this resource is within the limit.
    pub fn has(&self, id: ResourceId) -> bool {
        self.allows(&[id])
    }

    pub fn is_limited(&self) -> bool {
        self.0.is_some()
    }
}

impl Maker {
    /// Returns the maker, or `None` for the operator and the worker: what they create belongs to the organization
    /// itself, and depends on nobody.
    pub fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::Member { id, .. } => Some(Self::User(*id)),
            Actor::ApiKey { id, .. } => Some(Self::ApiKey(*id)),
            Actor::Invitee | Actor::System => None,
        }
    }

    pub fn uuid(self) -> Uuid {
        match self {
            Self::User(id) => id.uuid(),
            Self::ApiKey(id) => id.uuid(),
        }
    }
}

impl Inviter {
    /// Returns all by whose power the invitation stands. Each of them must still have it.
    pub fn makers(self) -> impl Iterator<Item = Maker> {
        self.user_id().map(Maker::User).into_iter().chain(self.api_key_id().map(Maker::ApiKey))
    }
}

impl DependentCounts {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl DependentChanges {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Dependents {
    pub fn counts(&self) -> DependentCounts {
        let count = |length: usize| length as u64;
        DependentCounts {
            api_keys: count(self.api_keys.len()),
            webhooks: count(self.webhooks.len()),
            invitations: self.invitations,
        }
    }
}

/// Returns those of the organization's roles that the invitation offers.
pub fn offered<'a>(roles: &'a [Role], invitation: &'a Invitation) -> impl Iterator<Item = &'a Role> {
    roles.iter().filter(|role| invitation.role_ids.contains(&role.id))
}

#[cfg(test)]
mod tests {
    use super::super::{Instant, OrganizationId, RoleId};
    use super::*;

    fn resource() -> ResourceId {
        ResourceId::new(Instant::UNIX_EPOCH)
    }

    fn role(permissions: &[Permission]) -> Role {
        Role {
            id: RoleId::new(Instant::UNIX_EPOCH),
            organization_id: OrganizationId::new(Instant::UNIX_EPOCH),
            key: "x".into(),
            name: "X".into(),
            permissions: permissions.to_vec(),
        }
    }

    #[test]
    fn somebody_limited_gives_some_of_their_own_resources_and_never_all() {
        let (mine, also_mine, other) = (resource(), resource(), resource());
        let limit = ResourceLimit::of(&[mine, also_mine]);
        assert!(limit.allows(&[mine]) && limit.allows(&[also_mine, mine]));
        assert!(!limit.allows(&[]), "empty means all of them");
        assert!(!limit.allows(&[other]) && !limit.allows(&[mine, other]));
        let free = ResourceLimit::of(&[]);
        assert!(!free.is_limited() && free.allows(&[]) && free.allows(&[other]));
    }

    #[test]
    fn two_limits_leave_what_both_have() {
        let (a, b, c) = (resource(), resource(), resource());
        let both = ResourceLimit::of(&[a, b]).and(ResourceLimit::of(&[b, c]));
        assert_eq!(both, ResourceLimit::of(&[b]));
        assert_eq!(ResourceLimit::default().and(ResourceLimit::of(&[a])), ResourceLimit::of(&[a]));
        assert_eq!(ResourceLimit::of(&[a]).and(ResourceLimit::default()), ResourceLimit::of(&[a]));
        let nothing = ResourceLimit::of(&[a]).and(ResourceLimit::of(&[c]));
        assert!(nothing.is_limited() && !nothing.allows(&[]) && !nothing.allows(&[a]), "nothing in common is not all");
    }

    #[test]
    fn a_key_keeps_what_its_maker_has() {
        let power = Power::new(vec![Permission::UserRead, Permission::UserInvite], ResourceLimit::default());
        assert_eq!(power.kept(&[Permission::UserInvite, Permission::KeyEdit]), [Permission::UserInvite]);
        assert_eq!(Power::none().kept(Permission::ALL), []);
        assert!(!power.may_have_webhooks());
    }

    #[test]
    fn an_offer_needs_the_right_to_invite_each_role_and_the_resources() {
        let (reader, editor) = (role(&[Permission::UserRead]), role(&[Permission::UserEdit]));
        let mine = resource();
        let held = vec![Permission::UserRead, Permission::UserInvite];
        let power = Power::new(held, ResourceLimit::of(&[mine]));
        assert!(power.may_offer(std::slice::from_ref(&reader), &[mine]));
        assert!(!power.may_offer(&[reader.clone(), editor], &[mine]));
        assert!(!power.may_offer(std::slice::from_ref(&reader), &[]));
        let powerless = Power::new(vec![Permission::UserRead], ResourceLimit::default());
        assert!(!powerless.may_offer(&[reader], &[]));
    }
}
