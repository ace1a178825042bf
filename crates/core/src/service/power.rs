//! The power of makers, as the database has it now.

use super::{Result, Scope};
use vestibule_domain::{Actor, ApiKey, Invitation, Maker, OrganizationId, Power, ResourceLimit, Role, power};
use vestibule_store::Snapshot;

/// Returns the maker's present power. Somebody who left and a revoked key have none; an expired key keeps its power
/// over what it did before.
pub(super) async fn power_of(tx: &mut Snapshot, organization_id: OrganizationId, maker: Maker) -> Result<Power> {
    match maker {
        Maker::User(id) => {
            let member = tx.members().of_user(organization_id, id).await?;
            Ok(member.as_ref().map_or_else(Power::none, Power::of_member))
        }
        Maker::ApiKey(id) => match tx.api_keys().get(id).await? {
            Some(key) if key.revoked_at.is_none() => {
                let limit = limit_of_key(tx, &key).await?;
                Ok(Power::new(key.permissions, limit))
            }
            _ => Ok(Power::none()),
        },
    }
}

/// Checks whether everybody whose power the invitation needs could still make it.
pub(super) async fn inviter_may(tx: &mut Snapshot, invitation: &Invitation, all: &[Role]) -> Result<bool> {
    let roles: Vec<Role> = power::offered(all, invitation).cloned().collect();
    for maker in invitation.inviter.makers() {
        let power = power_of(tx, invitation.organization_id, maker).await?;
        if !power.may_offer(&roles, &invitation.resource_ids) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the makers above the key: its maker, that key's maker and so on, nearest first.
pub(super) async fn makers_above(tx: &mut Snapshot, key: &ApiKey) -> Result<Vec<Maker>> {
    let (mut makers, mut made_by) = (Vec::new(), key.created_by.clone());
    while let Some(maker) = Maker::of(&made_by).filter(|maker| !makers.contains(maker)) {
        makers.push(maker);
        let above = match maker {
            Maker::User(_) => None,
            Maker::ApiKey(id) => tx.api_keys().get(id).await?,
        };
        made_by = above.map_or(Actor::System, |key| key.created_by);
    }
    Ok(makers)
}

/// Returns the limit of the person who made the key, or who made the key that made it.
async fn limit_of_key(tx: &mut Snapshot, key: &ApiKey) -> Result<ResourceLimit> {
    for maker in makers_above(tx, key).await? {
        if let Maker::User(id) = maker {
            let member = tx.members().of_user(key.organization_id, id).await?;
            return Ok(member.map_or_else(ResourceLimit::default, |member| ResourceLimit::of(&member.resource_ids)));
        }
    }
    Ok(ResourceLimit::default())
}

impl Scope {
    /// Returns the resources that this person, or this program and the person it acts for, is limited to.
    pub(super) async fn limit(&self, tx: &mut Snapshot) -> Result<ResourceLimit> {
        let own = match self.api_key() {
            Some(key) => limit_of_key(tx, key).await?,
            None => self.member_limit(),
        };
        Ok(match self.person() {
            Some(person) => own.and(ResourceLimit::of(&person.resource_ids)),
            None => own,
        })
    }

    /// Returns the power of this scope: its permissions and its limit.
    pub(super) async fn power(&self, tx: &mut Snapshot) -> Result<Power> {
        Ok(Power::new(self.permissions(), self.limit(tx).await?))
    }

    /// Returns the resources that this member is limited to. A program's limit has to be read from the database.
    pub fn member_limit(&self) -> ResourceLimit {
        self.member().map_or_else(ResourceLimit::default, |member| ResourceLimit::of(&member.resource_ids))
    }
}
