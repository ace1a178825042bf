//! API keys: how a program of an organization identifies itself, and what it may do.

use super::{Actor, ApiKeyId, Instant, Name, OrganizationId, Permission};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// An API key as it is stored, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub organization_id: OrganizationId,
    pub surface: Surface,
    pub name: Name,
    pub permissions: Vec<Permission>,
    /// The last characters of the secret or of the key's name, to tell keys apart.
    pub hint: String,
    /// The key id (`kid`, RFC 7515, 4.1.4) that requests signed with this key carry, or `None` for a key that is sent
    /// itself.
    pub kid: Option<String>,
    pub created_by: Actor,
    pub created_at: Instant,
    /// When the key expires, or `None` if it works until it is revoked.
    pub expires_at: Option<Instant>,
    /// When the key was last used, to the minute.
    pub last_used_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

/// The API that a key was created for. It works with no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Surface {
    Native,
    Adobe,
    AppStoreConnect,
    Clerk,
    ClickHouse,
    Snyk,
}

impl ApiKey {
    /// Checks whether the key works at `now`. At `now == expires_at` it has expired.
    pub fn is_usable(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }

    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Returns the key as the actor of an event.
    pub fn actor(&self) -> Actor {
        Actor::ApiKey { id: self.id, name: self.name.clone() }
    }
}

impl Surface {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Returns the vendor's usual name for this API, or `None` for the native API.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Self::Native => None,
            Self::Adobe => Some("Adobe User Management"),
            Self::AppStoreConnect => Some("App Store Connect"),
            Self::Clerk => Some("Clerk"),
            Self::ClickHouse => Some("ClickHouse Cloud"),
            Self::Snyk => Some("Snyk"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn at_the_instant_of_expiry_a_key_works_no_more() {
        let now = Instant::UNIX_EPOCH;
        let key = ApiKey {
            id: ApiKeyId::new(now),
            organization_id: OrganizationId::new(now),
            surface: Surface::Native,
            name: Name::parse("name", "ci").unwrap(),
            permissions: vec![Permission::UserInvite],
            hint: "abcd".into(),
            kid: None,
            created_by: Actor::System,
            created_at: now,
            expires_at: Some(now + Duration::days(1)),
            last_used_at: None,
            revoked_at: None,
        };
        assert!(key.is_usable(now + Duration::days(1) - Duration::microseconds(1)));
        assert!(!key.is_usable(now + Duration::days(1)));
        assert!(!ApiKey { revoked_at: Some(now), ..key }.is_usable(now));
    }
}
