//! Identifiers: one type per kind of thing, each a UUID version 7, so that order by id is order of creation.

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
            /// Returns a new id whose time part is `now`.
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
    /// The id of an organization, the tenant.
    OrganizationId;
    /// The id of a user: a sign-in identity, which may be a member of several organizations.
    UserId;
    /// The id of a user's membership in one organization.
    MemberId;
    /// The id of a named set of permissions in one organization.
    RoleId;
    /// The id of something that an invitation can be limited to.
    ResourceId;
    /// The id of a program's credential in one organization.
    ApiKeyId;
    /// The id of an offer to one email address.
    InvitationId;
    /// The id of a recorded fact.
    EventId;
    /// The id of a row of the outbox.
    MailId;
    /// The id of a webhook endpoint.
    WebhookEndpointId;
    /// The id of one event's delivery to one endpoint.
    WebhookDeliveryId;
    /// The id of one attempt at a delivery.
    AttemptId;
    /// The id of a restore of a backup.
    RestoreId;
    /// The id of what a person did at once to one or more invitations, and can take back.
    ActId;
    /// The id of a job.
    JobId;
}

/// Returns a new UUID. Ids that this process creates in the same millisecond still sort in order of creation (RFC 9562,
/// 6.2, method 1).
fn v7(now: super::Instant) -> Uuid {
    use uuid::{ContextV7, Timestamp};
    static CONTEXT: std::sync::Mutex<ContextV7> = std::sync::Mutex::new(ContextV7::new());
    let context = CONTEXT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
}
