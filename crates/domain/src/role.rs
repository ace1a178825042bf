//! Roles and permissions, and the rule about who may grant which.

use super::{OrganizationId, RoleId, Violation};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// One thing that a role allows.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum Permission {
    #[serde(rename = "org.read")]
    #[strum(serialize = "org.read")]
    OrganizationRead,
    #[serde(rename = "org.edit")]
    #[strum(serialize = "org.edit")]
    OrganizationEdit,
    #[serde(rename = "org.user.read")]
    #[strum(serialize = "org.user.read")]
    UserRead,
    #[serde(rename = "org.user.invite")]
    #[strum(serialize = "org.user.invite")]
    UserInvite,
    #[serde(rename = "org.user.edit")]
    #[strum(serialize = "org.user.edit")]
    UserEdit,
    #[serde(rename = "org.role.edit")]
    #[strum(serialize = "org.role.edit")]
    RoleEdit,
    #[serde(rename = "org.key.edit")]
    #[strum(serialize = "org.key.edit")]
    KeyEdit,
    #[serde(rename = "org.webhook.edit")]
    #[strum(serialize = "org.webhook.edit")]
    WebhookEndpointEdit,
    #[serde(rename = "org.audit.read")]
    #[strum(serialize = "org.audit.read")]
    AuditRead,
}

impl Permission {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns the name used in the API and in the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the verb phrase for the message that tells a person what they may not do.
    pub fn action_phrase(self) -> &'static str {
        match self {
            Self::OrganizationRead => "see this organization",
            Self::OrganizationEdit => "change this organization",
            Self::UserRead => "see its people",
            Self::UserInvite => "invite people",
            Self::UserEdit => "change its members",
            Self::RoleEdit => "change its roles",
            Self::KeyEdit => "manage its API keys",
            Self::WebhookEndpointEdit => "manage its webhooks",
            Self::AuditRead => "read its audit log",
        }
    }
}

/// A named set of permissions. `key` is unique in the organization and never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub id: RoleId,
    pub organization_id: OrganizationId,
    pub key: String,
    pub name: String,
    pub permissions: Vec<Permission>,
}

impl Role {
    pub const OWNER: &'static str = "owner";
    pub const ADMIN: &'static str = "admin";
    pub const MEMBER: &'static str = "member";

    /// Returns the roles that every organization starts with: key, display name and permissions. Only owners may edit
    /// the organization itself, so an admin can't grant the owner's role.
    pub fn built_in() -> [(&'static str, &'static str, Vec<Permission>); 3] {
        [
            (Self::OWNER, "Owner", Permission::ALL.to_vec()),
            (Self::ADMIN, "Admin", Self::admin_permissions()),
            (Self::MEMBER, "Member", Self::member_permissions()),
        ]
    }

    /// Returns all permissions except the one to edit the organization itself.
    pub fn admin_permissions() -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|permission| *permission != Permission::OrganizationEdit).collect()
    }

    /// Checks whether these roles together allow everything that an admin may do. That is true of the roles owner and
    /// admin, and of custom roles with as many permissions.
    pub fn administer(roles: &[Self]) -> bool {
        let holds = |permission| roles.iter().any(|role| role.permissions.contains(permission));
        Self::admin_permissions().iter().all(holds)
    }

    /// Returns the role with the most permissions; among equals, the first. It is for APIs that know only one role per
    /// person.
    pub fn mightiest(roles: &[Self]) -> Option<&Self> {
        roles.iter().rev().max_by_key(|role| role.permissions.len())
    }

    /// Returns what every member may do.
    pub fn member_permissions() -> Vec<Permission> {
        vec![Permission::OrganizationRead, Permission::UserRead]
    }

    /// Checks whether every organization has this role. Such a role can't be edited or deleted.
    pub fn is_built_in(&self) -> bool {
        [Self::OWNER, Self::ADMIN, Self::MEMBER].contains(&self.key.as_str())
    }

    /// Parses the key of a new role: 2 to 40 characters out of lower-case letters, digits, `_` and `-`, starting with a
    /// letter.
    pub fn parse_key(field: &'static str, text: &str) -> Result<String, Violation> {
        let text = text.trim();
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        let allowed = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if !starts || !allowed || !(2..=40).contains(&text.len()) {
            let sentence = "Use 2 to 40 lower-case letters, digits, _ and -, and start with a letter, like my-role.";
            return Err(Violation::new(field, "role_key", sentence));
        }
        Ok(text.to_owned())
    }

    /// Returns a key derived from a name: `Billing reader` becomes `billing-reader`. Returns `None` if too few
    /// characters are left.
    pub fn suggest_key(name: &str) -> Option<String> {
        let key = super::Slug::suggest(name)?;
        Self::parse_key("key", key.as_str().trim_start_matches(|c: char| !c.is_ascii_lowercase())).ok()
    }

    /// Checks whether somebody with the permissions `held` may grant this role: nobody can grant permissions that they
    /// don't have.
    pub fn may_be_granted_by(&self, held: &[Permission]) -> bool {
        self.permissions.iter().all(|permission| held.contains(permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_from_a_name_where_letters_are_left() {
        assert_eq!(Role::suggest_key(" Billing & Reader ").as_deref(), Some("billing-reader"));
        assert_eq!(Role::suggest_key("2nd editor").as_deref(), Some("nd-editor"));
        assert_eq!((Role::suggest_key("編集者"), Role::suggest_key("7")), (None, None));
    }

    #[test]
    fn who_may_all_that_an_admin_may_is_one_by_whatever_roles() {
        let role = |key: &str, permissions: &[Permission]| Role {
            id: RoleId::new(crate::Instant::UNIX_EPOCH),
            organization_id: OrganizationId::new(crate::Instant::UNIX_EPOCH),
            key: key.into(),
            name: key.into(),
            permissions: permissions.to_vec(),
        };
        let built_in = Role::built_in().map(|(key, _, permissions)| role(key, &permissions));
        let are: Vec<bool> = built_in.iter().map(|role| Role::administer(std::slice::from_ref(role))).collect();
        assert_eq!(are, [true, true, false]);
        let all = Role::admin_permissions();
        let (some, rest) = all.split_at(5);
        let (some, rest) = (role("some", some), role("rest", rest));
        assert!(Role::administer(&[role("deputy", &all)]));
        assert!(Role::administer(&[some.clone(), rest]));
        assert!(!Role::administer(&[some]) && !Role::administer(&[]));
        assert!(!Role::administer(&[role("nearly", &all[1..])]));
        let (one, other) = (role("one", &all[..2]), role("other", &all[1..3]));
        let mightiest = |roles: &[Role]| Role::mightiest(roles).map(|role| role.key.clone());
        assert_eq!(mightiest(&[one.clone(), role("deputy", &all), other.clone()]).as_deref(), Some("deputy"));
        assert_eq!(mightiest(&[one, other]).as_deref(), Some("one"));
        assert_eq!(mightiest(&[]), None);
    }

    #[test]
    fn nobody_grants_more_than_they_have() {
        let roles = Role::built_in();
        for (at, (_, _, held)) in roles.iter().enumerate() {
            for (to, (_, _, permissions)) in roles.iter().enumerate() {
                let grants = permissions.iter().all(|p| held.contains(p));
                assert_eq!(grants, to >= at, "{at} grants {to}");
            }
        }
    }
}
