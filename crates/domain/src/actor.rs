//! Who caused an event.

use super::{ApiKeyId, Name, UserId};
use serde::{Deserialize, Serialize};

/// Kept with the name of that time, so that the record still reads when the person is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// Somebody signed in who belongs to the organization.
    Member { id: UserId, name: Name },
    /// A program with a key of the organization.
    ApiKey { id: ApiKeyId, name: Name },
    /// Who holds the invitation's link.
    Invitee,
    /// The worker, or the command line.
    System,
}

impl Actor {
    pub const INVITEE: &str = "invitee";
    pub const SYSTEM: &str = "system";

    /// By what its events are found: the id of the person or of the key, `invitee`, or `system`.
    pub fn key(&self) -> String {
        match self {
            Self::Member { id, .. } => id.to_string(),
            Self::ApiKey { id, .. } => id.to_string(),
            Self::Invitee => Self::INVITEE.to_owned(),
            Self::System => Self::SYSTEM.to_owned(),
        }
    }

    /// Such a key as somebody wrote it.
    pub fn parse_key(text: &str) -> Option<String> {
        match text {
            Self::INVITEE | Self::SYSTEM => Some(text.to_owned()),
            id => id.parse::<UserId>().ok().map(|id| id.to_string()),
        }
    }

    /// How the actor is named in a sentence.
    pub fn name(&self) -> &str {
        match self {
            Self::Member { name, .. } | Self::ApiKey { name, .. } => name.as_str(),
            Self::Invitee => "The invitee",
            Self::System => "Vestibule",
        }
    }
}
