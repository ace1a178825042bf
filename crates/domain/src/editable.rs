//! What several invitations offer, for a person who wants to change all of them alike.

use super::{Instant, Invitation, Power, Role, RoleId};

/// Those of several invitations that a person can edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editable {
    /// The invitations, none of them closed.
    pub open: Vec<Invitation>,
    /// How many of the others are closed.
    pub closed: u64,
    /// How many of the others offer more than the person can give.
    pub forbidden: u64,
    /// The roles that the person can give.
    pub roles: Vec<Role>,
    pub now: Instant,
}

impl Editable {
    /// Sorts these invitations by whether a person with this power can edit them. `all` are the organization's roles.
    pub fn of(invitations: Vec<Invitation>, all: Vec<Role>, power: &Power, now: Instant) -> Self {
        let (open, closed): (Vec<_>, Vec<_>) = invitations.into_iter().partition(|one| one.is_pending(now));
        let (open, forbidden): (Vec<_>, Vec<_>) = open.into_iter().partition(|one| power.may_change(&all, one));
        let roles = all.into_iter().filter(|role| power.may_give(role)).collect();
        Self { open, closed: closed.len() as u64, forbidden: forbidden.len() as u64, roles, now }
    }

    /// Returns the roles that are offered, if all offer the same.
    pub fn common_roles(&self) -> Option<&[RoleId]> {
        let (first, rest) = self.open.split_first()?;
        rest.iter().all(|other| is_same(&first.role_ids, &other.role_ids)).then_some(&first.role_ids)
    }

    /// Returns when the invitations end, if all end at the same time.
    pub fn common_end(&self) -> Option<Instant> {
        let (first, rest) = self.open.split_first()?;
        rest.iter().all(|other| other.expires_at == first.expires_at).then_some(first.expires_at)
    }

    /// Returns how many offer each of the roles, without those that none offers.
    pub fn roles_offered(&self) -> Vec<(&Role, u64)> {
        let count = |role: &Role| self.open.iter().filter(|one| one.role_ids.contains(&role.id)).count() as u64;
        self.roles.iter().map(|role| (role, count(role))).filter(|(_, count)| *count > 0).collect()
    }
}

/// Checks whether both lists have the same roles, in any order.
pub fn is_same(one: &[RoleId], other: &[RoleId]) -> bool {
    let has_all = |list: &[RoleId], of: &[RoleId]| of.iter().all(|id| list.contains(id));
    has_all(one, other) && has_all(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_roles_does_not_matter() {
        let [one, other] = [1, 2].map(|second| RoleId::new(Instant::from_timestamp(second, 0).unwrap()));
        assert!(is_same(&[one, other], &[other, one]));
        assert!(!is_same(&[one], &[one, other]));
        assert!(!is_same(&[one, other], &[one]));
        assert!(is_same(&[], &[]));
    }
}
