//! A sign-in identity.

use super::{EmailAddress, Instant, Name, UserId};
use serde::{Deserialize, Serialize};

/// The password's hash stays in the store; nothing that is shown or serialized carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: EmailAddress,
    pub name: Name,
    /// Whether this person has proved to own the mailbox.
    pub is_email_verified: bool,
    pub created_at: Instant,
}
