//! Members: their roles, their removal, and the owner who must stay.

use super::{Conflict, Error, Missing, Result, Scope, Vestibule, authorize::names};
use crate::domain::{Fact, Member, MemberId, Permission, Role, RoleId, Violation};
use crate::store::Tx;

impl Vestibule {
    /// In the order of joining.
    pub async fn members(&self, scope: &Scope) -> Result<Vec<Member>> {
        scope.require(Permission::UserRead)?;
        self.read(async |tx| tx.members(scope.organization().id).await.map_err(Error::from)).await
    }

    pub async fn member(&self, scope: &Scope, id: MemberId) -> Result<Member> {
        scope.require(Permission::UserRead)?;
        self.read(async |tx| load(tx, scope, id).await).await
    }

    /// Neither the roles that are given nor those that are taken may hold more than the one who does it.
    pub async fn change_roles(&self, scope: &Scope, id: MemberId, role_ids: &[RoleId]) -> Result<Member> {
        let now = self.now();
        if role_ids.is_empty() {
            return Err(Violation::new("role_ids", "required", "Choose at least one role.").into());
        }
        self.write(async |tx| {
            let scope = scope.renew(tx, Some(Permission::UserEdit)).await?;
            let member = load(tx, &scope, id).await?;
            scope.outranks(&member)?;
            let roles = scope.grantable(tx, role_ids).await?;
            keep_an_owner(tx, &member, &roles).await?;
            if names(&member.roles) == names(&roles) {
                return Ok(member);
            }
            tx.save_roles(member.organization_id, id, role_ids).await?;
            let fact = Fact::MemberRolesChanged {
                name: member.name.to_string(),
                from: names(&member.roles),
                to: names(&roles),
            };
            tx.record(member.organization_id, now, &scope.actor(), (None, Some(id)), &fact).await?;
            Ok(Member { roles, ..member })
        })
        .await
    }

    pub async fn remove_member(&self, scope: &Scope, id: MemberId) -> Result<()> {
        let now = self.now();
        self.write(async |tx| {
            let scope = scope.renew(tx, Some(Permission::UserEdit)).await?;
            let member = load(tx, &scope, id).await?;
            scope.outranks(&member)?;
            let fact = Fact::MemberRemoved { name: member.name.to_string() };
            remove(tx, &scope, &member, now, &fact).await
        })
        .await
    }

    pub async fn leave(&self, scope: &Scope) -> Result<()> {
        let now = self.now();
        self.write(async |tx| {
            let scope = scope.renew(tx, None).await?;
            let fact = Fact::MemberLeft { name: scope.member().name.to_string() };
            remove(tx, &scope, scope.member(), now, &fact).await
        })
        .await
    }
}

impl Scope {
    /// Who holds more than I do is not mine to change.
    fn outranks(&self, member: &Member) -> Result<()> {
        match self.exceeding(&member.roles) {
            Some(permission) => Err(Error::Forbidden(permission)),
            None => Ok(()),
        }
    }
}

async fn load(tx: &mut Tx, scope: &Scope, id: MemberId) -> Result<Member> {
    Ok(tx.member(scope.organization().id, id).await?.ok_or(Missing::Member)?)
}

async fn remove(tx: &mut Tx, scope: &Scope, member: &Member, now: crate::domain::Instant, fact: &Fact) -> Result<()> {
    keep_an_owner(tx, member, &[]).await?;
    tx.remove_member(member.organization_id, member.id).await?;
    Ok(tx.record(member.organization_id, now, &scope.actor(), (None, Some(member.id)), fact).await?)
}

/// Refuses when this would leave the organization without an owner. The organization's lock keeps the count true.
async fn keep_an_owner(tx: &mut Tx, member: &Member, roles: &[Role]) -> Result<()> {
    let Some(owner) = member.roles.iter().find(|role| role.key == Role::OWNER) else { return Ok(()) };
    if !roles.iter().any(|role| role.id == owner.id) && tx.count_holders(member.organization_id, owner.id).await? <= 1 {
        return Err(Conflict::LastOwner.into());
    }
    Ok(())
}
