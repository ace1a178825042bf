//! Who may do what, where.

use super::{Error, Missing, Result, Vestibule};
use crate::domain::{Actor, Member, Organization, Permission, Role, RoleId, User};
use crate::store::Tx;

/// Proof that a user belongs to an organization. Only [`Vestibule::enter`] makes one, and every operation inside an
/// organization asks for it.
#[derive(Clone, Debug)]
pub struct Scope {
    organization: Organization,
    member: Member,
}

impl Vestibule {
    /// An organization that the user does not belong to is as missing as one that does not exist.
    pub async fn enter(&self, user: &User, slug: &str) -> Result<Scope> {
        self.read(async |tx| {
            let organization = tx.organization_by_slug(slug).await?.ok_or(Missing::Organization)?;
            let member = tx.member_of_user(organization.id, user.id).await?.ok_or(Missing::Organization)?;
            Ok(Scope { organization, member })
        })
        .await
    }
}

impl Scope {
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    pub fn member(&self) -> &Member {
        &self.member
    }

    pub(super) fn require(&self, permission: Permission) -> Result<()> {
        require(&self.member, permission)
    }

    /// Locks the organization and checks again, on the rows that this transaction will commit with.
    pub(super) async fn renew(&self, tx: &mut Tx, permission: Option<Permission>) -> Result<Scope> {
        let organization = tx.lock_organization(self.organization.id).await?.ok_or(Missing::Organization)?;
        let member = tx.member_of_user(organization.id, self.member.user_id).await?.ok_or(Missing::Organization)?;
        if let Some(permission) = permission {
            require(&member, permission)?;
        }
        Ok(Scope { organization, member })
    }

    pub(super) fn actor(&self) -> Actor {
        Actor::Member { id: self.member.user_id, name: self.member.name.clone() }
    }

    /// The roles of these ids, if this member may give them all.
    pub(super) async fn grantable(&self, tx: &mut Tx, ids: &[RoleId]) -> Result<Vec<Role>> {
        let mut roles = tx.roles(self.organization.id).await?;
        roles.retain(|role| ids.contains(&role.id));
        if ids.iter().any(|id| !roles.iter().any(|role| role.id == *id)) {
            return Err(Missing::Role.into());
        }
        match self.exceeding(&roles) {
            Some(permission) => Err(Error::Forbidden(permission)),
            None => Ok(roles),
        }
    }

    /// A permission that the roles hold and this member does not.
    pub(super) fn exceeding(&self, roles: &[Role]) -> Option<Permission> {
        roles.iter().flat_map(|role| &role.permissions).copied().find(|permission| !self.member.has(*permission))
    }
}

fn require(member: &Member, permission: Permission) -> Result<()> {
    if member.has(permission) { Ok(()) } else { Err(Error::Forbidden(permission)) }
}

pub(super) fn names(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.name.clone()).collect()
}
