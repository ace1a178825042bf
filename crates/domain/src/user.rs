//! A sign-in identity.

use super::{EmailAddress, Instant, Name, UserId};

/// A user, without the hash of the password: this stays in the store, and nothing that is shown or serialized carries
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: EmailAddress,
    pub name: Name,
    /// Whether this person has proved that the mailbox is theirs.
    pub is_email_verified: bool,
    pub created_at: Instant,
}
