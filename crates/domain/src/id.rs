//! Identifiers: one type per thing, each a UUID version 7, so that order by id is order of creation.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id whose time part is `now`.
            pub fn new(now: super::Instant) -> Self {
                Self(v7(now))
            }

            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

id! {
    /// A tenant.
    OrganizationId;
    /// A sign-in identity; may be a member of several organizations.
    UserId;
    /// A user's place in one organization.
    MemberId;
    /// A named set of permissions in one organization.
    RoleId;
    /// What an invitation may be limited to.
    ResourceId;
    /// A program's credential in one organization.
    ApiKeyId;
    /// An offer to one address.
    InvitationId;
    /// A recorded fact.
    EventId;
    /// A row of the outbox.
    MailId;
    /// Where an organization hears of its events.
    EndpointId;
    /// One event for one endpoint.
    DeliveryId;
    /// One try of a delivery.
    AttemptId;
    /// A backup that was put back.
    RestoreId;
}

/// Ids made in the same millisecond by this process still sort in the order they were made (RFC 9562, 6.2, method 1).
fn v7(now: super::Instant) -> Uuid {
    use uuid::{ContextV7, Timestamp};
    static CONTEXT: std::sync::Mutex<ContextV7> = std::sync::Mutex::new(ContextV7::new());
    let context = CONTEXT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
}
