//! What a database's error says about the database: whether the request is to blame, and whether the problem is
//! temporary.

use super::{Error, direct::DirectError};
use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};
use std::sync::Arc;

/// The reason why the database did not do what it was asked, if the request is not to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// It does not answer in time, refuses connections, or somebody else holds what is needed.
    Unanswered,
    /// It can't write: its disk is full or read-only, or it is a standby.
    Unwritable,
    /// The connection was lost during the commit, so that the change may have been stored or not.
    Uncertain,
}

/// The connection was lost, or the server did not answer, during a commit.
#[derive(Debug, thiserror::Error)]
#[error("the connection was lost at commit: {0}")]
pub(super) struct LostAtCommit(pub Error);

/// The error of a commit, for all writes that shared it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Shared(pub Arc<Error>);

/// Returns the outage that this error is a sign of, if it is one. Then the same request may work a moment later.
pub fn outage(error: &Error) -> Option<Outage> {
    match error {
        Error::Io(cause) => match cause.get_ref().and_then(|cause| cause.downcast_ref::<Shared>()) {
            Some(Shared(error)) => outage(error),
            None => Some(of_io(cause)),
        },
        Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed | Error::BeginFailed => Some(Outage::Unanswered),
        Error::Tls(_) | Error::Protocol(_) => Some(Outage::Unanswered),
        Error::AnyDriverError(cause) => cause.is::<LostAtCommit>().then_some(Outage::Uncertain),
        Error::Database(error) => of_database(&**error),
        _ => None,
    }
}

fn of_io(cause: &std::io::Error) -> Outage {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match cause.kind() {
        StorageFull | ReadOnlyFilesystem | QuotaExceeded | FileTooLarge => Outage::Unwritable,
        _ => Outage::Unanswered,
    }
}

fn of_database(error: &dyn DatabaseError) -> Option<Outage> {
    if error.as_error().is::<PgDatabaseError>() {
        return of_postgres(&error.code()?);
    }
    if error.as_error().is::<DirectError>() || error.as_error().is::<SqliteError>() {
        return of_sqlite(error.code()?.parse().ok()?);
    }
    None
}

/// By class and code, see https://www.postgresql.org/docs/current/errcodes-appendix.html.
fn of_postgres(code: &str) -> Option<Outage> {
    match code {
        // a full disk, a standby, a disk error
        "53100" | "25006" | "58030" => Some(Outage::Unwritable),
        // lost to others again and again; a time limit; a lock; an idle transaction
        "40001" | "40P01" | "57014" | "55P03" | "25P02" | "25P03" | "25P04" => Some(Outage::Unanswered),
        // connections; insufficient resources; the server's operator
        _ => ["08", "53", "57P"].iter().any(|class| code.starts_with(class)).then_some(Outage::Unanswered),
    }
}

/// By the last byte of the code, see https://www.sqlite.org/rescode.html.
fn of_sqlite(code: i32) -> Option<Outage> {
    /// What was read is not what was written. Waiting does not repair that.
    const CORRUPT_FILE_SYSTEM: i32 = 10 | (33 << 8);
    match (code & 0xff, code) {
        (_, CORRUPT_FILE_SYSTEM) => None,
        // another process writes, or shares the cache
        (5 | 6, _) => Some(Outage::Unanswered),
        // read-only, a disk error, full, a file that can't be opened
        (8 | 10 | 13 | 14, _) => Some(Outage::Unwritable),
        _ => None,
    }
}

/// Checks whether the same may succeed at once on another connection: nothing was stored, and the obstacle is gone or
/// only concerns this connection.
pub(super) fn is_worth_a_retry(error: &Error) -> bool {
    match error {
        Error::Io(_) => outage(error) == Some(Outage::Unanswered),
        Error::Database(error) => error.code().is_some_and(|code| {
            matches!(&*code, "40001" | "40P01" | "25006" | "25P03") || code.starts_with("08") || code.starts_with("57P")
        }),
        _ => false,
    }
}

/// Checks whether the connection on which this happened is unusable.
pub(super) fn breaks_the_connection(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => true,
        Error::Database(error) => error.code().is_some_and(|code| {
            matches!(&*code, "25006" | "25P03" | "25P04") || code.starts_with("08") || code.starts_with("57P")
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn what_passes_is_told_from_what_is_wrong() {
        for (code, expected) in [
            ("08006", Some(Outage::Unanswered)),
            ("53300", Some(Outage::Unanswered)),
            ("57P01", Some(Outage::Unanswered)),
            ("55P03", Some(Outage::Unanswered)),
            ("57014", Some(Outage::Unanswered)),
            ("53100", Some(Outage::Unwritable)),
            ("25006", Some(Outage::Unwritable)),
            ("23505", None),
            ("22021", None),
            ("XX001", None),
        ] {
            assert_eq!(of_postgres(code), expected, "{code}");
        }
        for (code, expected) in [
            (5, Some(Outage::Unanswered)),
            (517, Some(Outage::Unanswered)),
            (13, Some(Outage::Unwritable)),
            (1032, Some(Outage::Unwritable)),
            (778, Some(Outage::Unwritable)),
            (8458, None),
            (11, None),
            (26, None),
            (19, None),
        ] {
            assert_eq!(of_sqlite(code), expected, "{code}");
        }
    }

    #[test]
    fn who_shared_a_failed_commit_is_told_what_befell_it() {
        let full = Error::Io(io::Error::from(io::ErrorKind::StorageFull));
        let shared = Error::Io(io::Error::other(Shared(Arc::new(full))));
        assert_eq!(outage(&shared), Some(Outage::Unwritable));
        let lost = Error::AnyDriverError(Box::new(LostAtCommit(Error::PoolTimedOut)));
        assert_eq!(outage(&lost), Some(Outage::Uncertain));
        assert!(!is_worth_a_retry(&lost));
        assert_eq!(outage(&Error::RowNotFound), None);
    }
}
