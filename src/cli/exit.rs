//! The exit status for each kind of failure, so that service managers and scripts can tell them apart.

use super::progress::Stopped;
use crate::server::OpenRefused;
use std::{error::Error, process::ExitCode};
use vestibule_store::CopyRefused;
use vestibule_store::open::Refused;

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
        Some(OpenRefused::Database(refused)) => of_database(refused),
        Some(OpenRefused::Key(_)) => UNUSABLE.into(),
        Some(OpenRefused::Config(_) | OpenRefused::Store(_) | OpenRefused::Smtp(_)) | None => ExitCode::FAILURE,
    }
}

fn of_copy(refused: &CopyRefused) -> ExitCode {
    match refused {
        CopyRefused::Database(refused) => of_database(refused),
        CopyRefused::Exists { .. } | CopyRefused::NotEmpty { .. } | CopyRefused::Connected { .. } => IN_USE.into(),
        CopyRefused::Damaged { .. } | CopyRefused::File { .. } | CopyRefused::OtherKey { .. } => UNUSABLE.into(),
        CopyRefused::Differs(_) | CopyRefused::Addresses(_) | CopyRefused::Store(_) => ExitCode::FAILURE,
    }
}

fn of_database(refused: &Refused) -> ExitCode {
    match refused {
        Refused::Unreachable { .. } => UNAVAILABLE.into(),
        Refused::InUse { .. } => IN_USE.into(),
        Refused::Unusable { .. } => UNUSABLE.into(),
        Refused::Newer { .. } | Refused::Older { .. } | Refused::HalfDone { .. } => SCHEMA.into(),
    }
}
