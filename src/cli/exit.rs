//! The status that a failure ends with, so that a service manager or a script can tell what is wrong.

use super::progress::Stopped;
use crate::server::OpenRefused;
use std::{error::Error, process::ExitCode};
use vestibule_store::CopyRefused;
use vestibule_store::open::Refused;

/// The database server can't be reached, or lets nobody in (`EX_UNAVAILABLE`).
const UNAVAILABLE: u8 = 69;
/// Another process has the database, or what would be written over is there.
const IN_USE: u8 = 73;
/// The database or the key is damaged, lost, of somebody else, or can't be read and written.
const UNUSABLE: u8 = 74;
/// The database's schema is not this program's, or it is half of a copy.
const SCHEMA: u8 = 75;

/// 1 for whatever has no status of its own.
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
