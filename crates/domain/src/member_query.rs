//! Which members a list shows, and in which order.

use super::{ResourceId, Role, RoleId};
use std::collections::BTreeSet;

/// The most characters of a text that is searched for. Names and email addresses are shorter.
const MAX_TEXT_CHARS: usize = 1_000;

/// Which members to list, and in which order. The default is all of them, in order of joining.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberQuery {
    /// Words of a name or email address: see [`crate::search`]. Empty: any.
    pub text: String,
    /// One of these email addresses, in normal form or as it was typed.
    pub addresses: Option<Vec<String>>,
    /// The part of the email address after the @, in upper or lower case.
    pub domain: Option<String>,
    /// One of these conditions on the roles.
    pub roles: Option<Vec<RolesHeld>>,
    /// Limited to one of these, among others.
    pub resource_ids: Option<Vec<ResourceId>>,
    /// What they are sorted by, each with whether it descends. Equals are in order of joining.
    pub sort: Vec<(MemberSort, bool)>,
}

/// What members can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberSort {
    Email,
    /// What follows the first word of the name.
    LastName,
}

/// A condition on the roles of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolesHeld {
    /// The member has at least one of each of these.
    pub one_of_each: Vec<Vec<RoleId>>,
    /// The member has none of these.
    pub none_of: Vec<RoleId>,
}

impl MemberQuery {
    /// Returns the query for members with one of these roles.
    pub fn of_roles(ids: Vec<RoleId>) -> Self {
        Self { roles: Some(vec![RolesHeld::one_of(ids)]), ..Self::default() }
    }

    /// Checks whether the query finds all members.
    pub fn is_of_all(&self) -> bool {
        *self == Self { sort: self.sort.clone(), ..Self::default() }
    }

    /// Returns the text to search for, or `None` if it is too long to be part of a name or email address.
    pub fn wanted(&self) -> Option<&str> {
        let text = self.text.trim();
        text.chars().nth(MAX_TEXT_CHARS).is_none().then_some(text)
    }
}

impl RolesHeld {
    /// Returns the condition to have one of these roles.
    pub fn one_of(ids: Vec<RoleId>) -> Self {
        Self { one_of_each: vec![ids], none_of: Vec::new() }
    }

    /// Returns the condition that a member's roles together allow everything that an admin may do: see
    /// [`Role::administer`]. `roles` are all of the organization.
    pub fn administer(roles: &[Role]) -> Self {
        let allowing = |permission| -> BTreeSet<RoleId> {
            roles.iter().filter(|role| role.permissions.contains(&permission)).map(|role| role.id).collect()
        };
        let groups: BTreeSet<BTreeSet<RoleId>> = Role::admin_permissions().into_iter().map(allowing).collect();
        // who has a role of a smaller group also has one of every group around it
        let is_least = |group: &&BTreeSet<RoleId>| !groups.iter().any(|less| less != *group && less.is_subset(group));
        let least = groups.iter().filter(is_least).map(|group| group.iter().copied().collect());
        Self { one_of_each: least.collect(), none_of: Vec::new() }
    }

    /// Returns the roles of which one is enough, if there is nothing else to the condition.
    pub fn only(&self) -> Option<&[RoleId]> {
        match (self.one_of_each.as_slice(), self.none_of.as_slice()) {
            ([ids], []) => Some(ids),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instant, OrganizationId, Permission};

    fn role(key: &str, permissions: Vec<Permission>) -> Role {
        let (id, organization_id) = (RoleId::new(Instant::UNIX_EPOCH), OrganizationId::new(Instant::UNIX_EPOCH));
        Role { id, organization_id, key: key.into(), name: key.into(), permissions }
    }

    fn meets(held: &RolesHeld, roles: &[Role]) -> bool {
        let holds = |ids: &Vec<RoleId>| roles.iter().any(|role| ids.contains(&role.id));
        held.one_of_each.iter().all(holds) && !holds(&held.none_of)
    }

    #[test]
    fn whoever_administers_by_roles_meets_the_condition_and_nobody_else() {
        let all = Role::admin_permissions();
        let (some, rest) = all.split_at(3);
        let mut roles: Vec<Role> = Role::built_in().map(|(key, _, permissions)| role(key, permissions)).into();
        roles.extend([role("some", some.to_vec()), role("rest", rest.to_vec()), role("nothing", Vec::new())]);
        let condition = RolesHeld::administer(&roles);
        for chosen in 0..1_usize << roles.len() {
            let held: Vec<Role> = roles
                .iter()
                .enumerate()
                .filter(|(at, _)| chosen >> at & 1 == 1)
                .map(|(_, role)| role.clone())
                .collect();
            assert_eq!(meets(&condition, &held), Role::administer(&held), "{held:?}");
        }
        let built_in = RolesHeld::administer(&roles[..3]);
        assert_eq!(built_in.only().map(<[RoleId]>::len), Some(2), "one look-up is enough as a rule");
        assert!(!meets(&RolesHeld::administer(&roles[2..4]), &roles[2..4]), "nobody can");
    }

    #[test]
    fn a_text_that_is_too_long_for_a_name_is_not_looked_for() {
        let of = |text: &str| MemberQuery { text: text.into(), ..MemberQuery::default() }.wanted().map(str::to_owned);
        assert_eq!(of(" ÉDITH  "), Some("ÉDITH".to_owned()));
        assert_eq!((of(&"x".repeat(1_000)).is_some(), of(&"x".repeat(1_001))), (true, None));
    }
}
