//! The one vocabulary of failure. Every surface matches it exhaustively and says it in its own way.

use std::{sync::Arc, time::Duration};
use vestibule_domain::{Closed, Exceeded, InvitationId, Permission, Status, Violation};
use vestibule_store::Outage;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or address and password don't match.
    #[error("not signed in")]
    Unauthenticated,
    #[error("not permitted: {0:?}")]
    Forbidden(Permission),
    #[error("missing: {0:?}")]
    Missing(Missing),
    #[error("invalid: {0:?}")]
    Invalid(Vec<Violation>),
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The invitation is no longer pending.
    #[error("closed: {0}")]
    Closed(Status),
    /// A limit has too little left.
    #[error("rate limit: {0:?}")]
    RateLimited(Exceeded),
    /// It can't be done at this moment; nothing is wrong with the request.
    #[error("busy: {0:?}")]
    Busy(Busy),
    /// Of several that are done together or not at all, these are refused, each by its number from 0.
    #[error("refused: {0:?}")]
    Rows(Vec<(usize, Error)>),
    /// Never shown; logged once.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What there is too little of at this moment, and when to try again.
#[derive(Clone, Debug)]
pub struct Busy {
    pub what: Shortage,
    pub retry_after: Duration,
    /// Never shown; the store has logged it.
    cause: Option<Arc<vestibule_store::Error>>,
}

/// What there can be too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// More passwords wait to be checked than are checked soon.
    Passwords,
    /// The database does not answer, or has no connection left.
    Database,
    /// The database can't write: its disk is full or read-only, or it has none of its own.
    Storage,
    /// The database was lost while it was told to keep the change: it may have done so or not.
    Certainty,
}

impl Busy {
    /// Seconds after which a database that was restarted, or a lock that nobody holds any more, is there again.
    const SOON: Duration = Duration::from_secs(2);
    /// Somebody has to see to it.
    const LATER: Duration = Duration::from_secs(30);

    pub(super) fn of_passwords(retry_after: Duration) -> Self {
        Self { what: Shortage::Passwords, retry_after, cause: None }
    }

    fn of_store(outage: Outage, cause: vestibule_store::Error) -> Self {
        let (what, retry_after) = match outage {
            Outage::Unanswered => (Shortage::Database, Self::SOON),
            Outage::Unwritable => (Shortage::Storage, Self::LATER),
            Outage::Uncertain => (Shortage::Certainty, Self::SOON),
        };
        Self { what, retry_after, cause: Some(Arc::new(cause)) }
    }

    /// The failure of the store behind it.
    fn store_error(&self) -> Option<&vestibule_store::Error> {
        self.cause.as_deref()
    }
}

impl Shortage {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Passwords => "busy",
            Self::Database => "unavailable",
            Self::Storage => "storage_unavailable",
            Self::Certainty => "outcome_unknown",
        }
    }

    /// What happened, without when to try again.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Passwords => "Many people are signing in. Nothing was changed.",
            Self::Database => "The database does not answer at this moment. Nothing was changed.",
            Self::Storage => "The database can’t save anything at this moment. Nothing was changed. Tell your admin.",
            Self::Certainty => {
                "The database was lost at the last moment, so this may have been done or not. Look before you repeat it."
            }
        }
    }
}

/// What was asked for and is not there, or not for the asker to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Organization,
    Member,
    Invitation,
    Role,
    Resource,
    ApiKey,
    Mail,
    Webhook,
    Delivery,
    /// Nothing is kept on an address.
    Person,
    /// A link that no key of ours made, or a visit that is over.
    Link,
    Route,
}

/// The request is fine and the present state forbids it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    AlreadyMember,
    AlreadyInvited(InvitationId),
    SlugTaken,
    EmailTaken,
    LastOwner,
    /// A resend made the link void.
    Replaced,
    /// The invitation is for another address than the one signed in.
    WrongAccount,
    /// The mailbox has to be proved first.
    MailboxUnproven,
    /// No mail server is set up, so nothing can be mailed.
    NoMailServer,
    /// The inviter may not give these roles any more.
    InviterMayNot,
    /// The invitation is for more than the resources that one is limited to.
    BeyondLimit,
    /// The installation has its first owner already.
    AlreadySetUp,
    /// The mail was sent, or is not needed any more.
    MailDone,
    /// Another role has the key.
    RoleKeyTaken,
    /// Every organization has it as it is.
    RoleBuiltIn,
    /// So many members hold the role, or are offered it.
    RoleInUse(u64),
    /// Another resource has the external id.
    ExternalIdTaken,
    /// So many members and invitations are limited to it.
    ResourceInUse(u64),
    /// The organization has as many webhooks as it may.
    TooManyWebhooks,
    /// It is on its way already, or its webhook is disabled.
    DeliveryNotReplayable,
    /// It was changed since it was read.
    Changed,
    /// The invitee was erased, so nobody is left to invite.
    Erased,
    /// The idempotency key was sent with another request.
    KeyReused,
}

impl Error {
    pub fn invalid(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }

    /// For whom the first of several refusals is enough.
    pub fn first_of(rows: Vec<(usize, Self)>) -> Self {
        rows.into_iter().next().map_or_else(|| Self::internal("no row is refused"), |(_, error)| error)
    }

    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<Closed> for Error {
    fn from(Closed(status): Closed) -> Self {
        Self::Closed(status)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::invalid(violation)
    }
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

impl vestibule_store::Failure for Error {
    fn of_store(&self) -> Option<&vestibule_store::Error> {
        match self {
            Self::Internal(cause) => cause.downcast_ref(),
            Self::Busy(busy) => busy.store_error(),
            _ => None,
        }
    }
}

impl From<vestibule_store::Error> for Error {
    /// What the database refuses for what the request holds has slipped through the checks before: the request's
    /// fault, and ours to know of.
    fn from(error: vestibule_store::Error) -> Self {
        if vestibule_store::is_of_content(&error) {
            tracing::warn!(%error, "the database refused what a request holds");
            let sentence = "Part of this can’t be kept. Take unusual characters and numbers out, or send less.";
            return Violation::new("request", "unkept", sentence).into();
        }
        match vestibule_store::outage(&error) {
            Some(outage) => Self::Busy(Busy::of_store(outage, error)),
            None => Self::Internal(Box::new(error)),
        }
    }
}
