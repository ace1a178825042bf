//! Who caused an event.

use super::{ApiKeyId, Name, UserId};
use serde::{Deserialize, Serialize};

/// Who caused an event, with the name at that time, so that the record is still readable when the person is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A member of the organization who was signed in.
    Member { id: UserId, name: Name },
    /// A program with an API key of the organization.
    ApiKey { id: ApiKeyId, name: Name },
    /// The person with the invitation's link.
    Invitee,
    /// The worker, or the command line.
    System,
}

impl Actor {
    pub const INVITEE: &str = "invitee";
    pub const SYSTEM: &str = "system";

    /// Returns the key by which the actor's events are found: the id of the person or of the API key, `invitee`, or
    /// `system`.
    pub fn key(&self) -> String {
        match self {
            Self::Member { id, .. } => id.to_string(),
            Self::ApiKey { id, .. } => id.to_string(),
            Self::Invitee => Self::INVITEE.to_owned(),
            Self::System => Self::SYSTEM.to_owned(),
        }
    }

    /// Parses such a key, and returns it in its normal form. Returns `None` for anything else.
    pub fn parse_key(text: &str) -> Option<String> {
        match text {
            Self::INVITEE | Self::SYSTEM => Some(text.to_owned()),
            id => id.parse::<UserId>().ok().map(|id| id.to_string()),
        }
    }

    /// Returns the actor's name for use in a sentence.
    pub fn name(&self) -> &str {
        match self {
            Self::Member { name, .. } | Self::ApiKey { name, .. } => name.as_str(),
            Self::Invitee => "The invitee",
            Self::System => "Vestibule",
        }
    }
}
