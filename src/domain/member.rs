//! A user's place in an organization, and the rule that one owner stays.

use super::{EmailAddress, Instant, InvitationId, MemberId, Name, OrganizationId, Permission, Role, UserId};
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

    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(|role| role.key == Role::OWNER)
    }

    /// Whether this member may give all of these roles.
    pub fn may_grant(&self, roles: &[Role]) -> bool {
        let held = self.permissions();
        roles.iter().all(|role| role.may_be_granted_by(&held))
    }
}
