//! The errors of all use cases. Every surface matches them exhaustively and words them in its own way.

use super::Conflict;
use std::{sync::Arc, time::Duration};
use vestibule_domain::{Closed, Exceeded, Permission, Status, Violation};
use vestibule_store::Outage;

pub type Result<T> = std::result::Result<T, Error>;

/// The reason why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the email address and password don't match.
    #[error("not signed in")]
    Unauthenticated,
    #[error("not permitted: {0:?}")]
    Forbidden(Permission),
    #[error("missing: {0:?}")]
    NotFound(NotFound),
    #[error("invalid: {0:?}")]
    Invalid(Vec<Violation>),
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The invitation is no longer pending.
    #[error("closed: {0}")]
    Closed(Status),
    /// A rate limit has too little left.
    #[error("rate limit: {0:?}")]
    RateLimited(Exceeded),
    /// It can't be done at the moment; nothing is wrong with the request.
    #[error("busy: {0:?}")]
    Busy(Busy),
    /// Some rows of an all-or-nothing request are rejected, each by its number from 0, so none was done.
    #[error("refused: {0:?}")]
    Rows(Vec<(usize, Error)>),
    /// An unexpected failure. Its cause is never shown, and logged once.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is short at the moment, and when to try again.
#[derive(Clone, Debug)]
pub struct Busy {
    pub what: Shortage,
    pub retry_after: Duration,
    /// the store's error, which is never shown; the store has logged it
    cause: Option<Arc<vestibule_store::Error>>,
}

/// A resource that can run short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// More passwords wait to be checked than can be checked soon.
    Passwords,
    /// The database does not answer, or has no connection left.
    Database,
    /// The database can't write: its disk is full or read-only, or the database itself is.
    Storage,
    /// The connection to the database was lost during the commit, so the change may or may not have been saved.
    Certainty,
}

impl Busy {
    /// The wait for a database that is being restarted, or for a lock.
    const SOON: Duration = Duration::from_secs(2);
    /// The wait for a problem that somebody has to fix.
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

    /// Returns the store's error behind this one.
    fn store_error(&self) -> Option<&vestibule_store::Error> {
        self.cause.as_deref()
    }
}

impl Shortage {
    /// Returns the stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Passwords => "busy",
            Self::Database => "unavailable",
            Self::Storage => "storage_unavailable",
            Self::Certainty => "outcome_unknown",
        }
    }

    /// Returns the sentence that says what happened, without when to try again.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Passwords => "Many people are signing in. Nothing was changed.",
            Self::Database => "The database does not answer at this moment. Nothing was changed.",
            Self::Storage => "The database can’t save anything at this moment. Nothing was changed. Tell an admin.",
            Self::Certainty => {
                "The database was lost at the last moment, so this may or may not be saved. Check before you try again."
            }
        }
    }
}

/// A thing that does not exist, or that the caller is not allowed to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    Organization,
    Member,
    Invitation,
    Role,
    Resource,
    ApiKey,
    Mail,
    Webhook,
    Delivery,
    /// Something that the caller has done and can take back.
    Act,
    /// A job of somebody else, or one that ended some time ago.
    Job,
    /// Nothing is stored about this email address.
    Person,
    /// A link that no key of this installation made, or an acceptance session that has ended.
    Link,
    Route,
}

impl Error {
    /// Returns the error for a single violation.
    pub fn invalid(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }

    /// Returns the first error, for surfaces that report only one.
    pub fn first_of(rows: Vec<(usize, Self)>) -> Self {
        rows.into_iter().next().map_or_else(|| Self::internal("no row is refused"), |(_, error)| error)
    }

    /// Wraps an unexpected cause.
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

impl From<NotFound> for Error {
    fn from(missing: NotFound) -> Self {
        Self::NotFound(missing)
    }
}

impl vestibule_store::TransactionError for Error {
    fn store_error(&self) -> Option<&vestibule_store::Error> {
        match self {
            Self::Internal(cause) => cause.downcast_ref(),
            Self::Busy(busy) => busy.store_error(),
            _ => None,
        }
    }
}

impl From<vestibule_store::Error> for Error {
    /// Converts an error of the store. When the database rejects content of the request that slipped through all
    /// earlier checks, the request is at fault, but a warning is logged because a check is missing.
    fn from(error: vestibule_store::Error) -> Self {
        if vestibule_store::is_of_content(&error) {
            tracing::warn!(%error, "the database rejected content of a request that no check had rejected");
            let sentence = "Part of this can’t be saved. Remove unusual characters and numbers, or send less.";
            return Violation::new("request", "unkept", sentence).into();
        }
        match vestibule_store::outage(&error) {
            Some(outage) => Self::Busy(Busy::of_store(outage, error)),
            None => Self::Internal(Box::new(error)),
        }
    }
}
