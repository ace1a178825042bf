//! What a database's error says about the database: whether it is the request's fault, and whether it passes.

use super::Error;
use sqlx::{error::DatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};
use std::sync::Arc;

/// Why the database did not do what it was asked, when nothing is wrong with what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// It does not answer in time, refuses connections, or somebody else holds what is needed.
    Unanswered,
    /// It cannot write: its disk is full or read-only, or it is a standby.
    Unwritable,
    /// The connection was lost while the change was to be kept: it may have been kept or not.
    Uncertain,
}

/// The connection was lost, or nobody answered, while a transaction was to be kept.
#[derive(Debug, thiserror::Error)]
#[error("the connection was lost at commit: {0}")]
pub(super) struct LostAtCommit(pub Error);

/// What all writes that shared a commit are told when it fails.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Shared(pub Arc<Error>);

/// Returns what has befallen the database, if this error tells of that: the same may work a moment later.
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
    if error.as_error().is::<SqliteError>() {
        return of_sqlite(error.code()?.parse().ok()?);
    }
    None
}

/// By class and code: https://www.postgresql.org/docs/current/errcodes-appendix.html
fn of_postgres(code: &str) -> Option<Outage> {
    match code {
        // a full disk, a standby, an error of the disk
        "53100" | "25006" | "58030" => Some(Outage::Unwritable),
        // lost again and again to others; a time limit; a lock; nobody went on in the transaction
        "40001" | "40P01" | "57014" | "55P03" | "25P02" | "25P03" | "25P04" => Some(Outage::Unanswered),
        // connections; what there is too little of; whoever runs the server
        _ => ["08", "53", "57P"].iter().any(|class| code.starts_with(class)).then_some(Outage::Unanswered),
    }
}

/// By the last byte of the code: https://www.sqlite.org/rescode.html
fn of_sqlite(code: i32) -> Option<Outage> {
    /// What was read is not what was written: no wait mends that.
    const CORRUPT_FILE_SYSTEM: i32 = 10 | (33 << 8);
    match (code & 0xff, code) {
        (_, CORRUPT_FILE_SYSTEM) => None,
        // another process writes, or shares the cache
        (5 | 6, _) => Some(Outage::Unanswered),
        // read-only, an error of the disk, full, a file that cannot be opened
        (8 | 10 | 13 | 14, _) => Some(Outage::Unwritable),
        _ => None,
    }
}

/// Whether the same, done again on another connection, may go well at once: nothing was kept, and what stood in the way
/// is over or is elsewhere.
pub(super) fn is_worth_a_retry(error: &Error) -> bool {
    match error {
        Error::Io(_) => outage(error) == Some(Outage::Unanswered),
        Error::Database(error) => error.code().is_some_and(|code| {
            matches!(&*code, "40001" | "40P01" | "25006" | "25P03") || code.starts_with("08") || code.starts_with("57P")
        }),
        _ => false,
    }
}

/// Whether the connection on which this happened is of no use any more.
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
