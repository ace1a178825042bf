//! A user's membership in an organization.

use super::{
    EmailAddress, Instant, InvitationId, MemberId, Metadata, Name, OrganizationId, Permission, ResourceId, Role, UserId,
};
use serde::{Deserialize, Serialize};

/// A member, with the user's name and email address, which every reader of a member needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub name: Name,
    pub email: EmailAddress,
    pub roles: Vec<Role>,
    /// The resources that the membership is limited to. If empty, it is not limited.
    pub resource_ids: Vec<ResourceId>,
    pub metadata: Metadata,
    /// The invitation by which they joined, or `None` for the first owner.
    pub invitation_id: Option<InvitationId>,
    pub joined_at: Instant,
}

impl Member {
    pub fn has(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.permissions.contains(&permission))
    }

    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|permission| self.has(*permission)).collect()
    }

    /// Checks whether the member may do everything that an admin may, through any combination of roles.
    pub fn administers(&self) -> bool {
        Role::administer(&self.roles)
    }

    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(|role| role.key == Role::OWNER)
    }
}
