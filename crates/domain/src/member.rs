//! A user's place in an organization, and the rule that one owner stays.

use super::{
    EmailAddress, Instant, InvitationId, MemberId, Metadata, Name, OrganizationId, Permission, ResourceId, Role, UserId,
};
use serde::{Deserialize, Serialize};

/// With the user's name and address, as every reader of a member needs them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub name: Name,
    pub email: EmailAddress,
    pub roles: Vec<Role>,
    /// What the membership is limited to; empty: not limited.
    pub resource_ids: Vec<ResourceId>,
    pub metadata: Metadata,
    /// The invitation that led here; none for the first owner.
    pub invitation_id: Option<InvitationId>,
    pub joined_at: Instant,
}

impl Member {
    pub fn has(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.permissions.contains(&permission))
    }

    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL.into_iter().filter(|permission| self.has(*permission)).collect()
    }

    /// Whether the member may do all that an admin may, by whatever roles.
    pub fn administers(&self) -> bool {
        Role::administer(&self.roles)
    }

    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(|role| role.key == Role::OWNER)
    }
}
