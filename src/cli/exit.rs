//! The exit status for each kind of failure, so that service managers and scripts can tell them apart.

use super::progress::Stopped;
use crate::server::OpenError;
use std::{error::Error, process::ExitCode};
use vestibule_store::CopyError;
use vestibule_store::open::OpenDatabaseError;

/// The database server is unreachable or refuses the connection (`EX_UNAVAILABLE`).
const UNAVAILABLE: u8 = 69;
/// Another process uses the database, or the target already exists.
const IN_USE: u8 = 73;
/// The database or the key is damaged, missing, someone else's, or can't be read and written.
const UNUSABLE: u8 = 74;
/// The database has another schema than this program, or holds half of a copy.
const SCHEMA: u8 = 75;

/// Returns the exit status for an error: 1 if its kind has no status of its own.
pub fn code(error: &(dyn Error + 'static)) -> ExitCode {
    if let Some(refused) = error.downcast_ref() {
        return of_database(refused);
    }
    if let Some(refused) = error.downcast_ref() {
        return of_copy(refused);
    }
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return ExitCode::from(u8::try_from(stopped.status).unwrap_or(1));
    }
    match error.downcast_ref() {
        Some(OpenError::Database(refused)) => of_database(refused),
        Some(OpenError::Key(_)) => UNUSABLE.into(),
        Some(OpenError::Config(_) | OpenError::Store(_) | OpenError::Smtp(_)) | None => ExitCode::FAILURE,
    }
}

fn of_copy(refused: &CopyError) -> ExitCode {
    match refused {
        CopyError::Database(refused) => of_database(refused),
        CopyError::Exists { .. } | CopyError::NotEmpty { .. } | CopyError::Connected { .. } => IN_USE.into(),
        CopyError::Damaged { .. } | CopyError::File { .. } | CopyError::OtherKey { .. } => UNUSABLE.into(),
        CopyError::Differs(_) | CopyError::Addresses(_) | CopyError::Store(_) => ExitCode::FAILURE,
    }
}

fn of_database(refused: &OpenDatabaseError) -> ExitCode {
    match refused {
        OpenDatabaseError::Unreachable { .. } => UNAVAILABLE.into(),
        OpenDatabaseError::InUse { .. } => IN_USE.into(),
        OpenDatabaseError::Unusable { .. } => UNUSABLE.into(),
        OpenDatabaseError::Newer { .. } | OpenDatabaseError::Older { .. } | OpenDatabaseError::HalfDone { .. } => {
            SCHEMA.into()
        }
    }
}
