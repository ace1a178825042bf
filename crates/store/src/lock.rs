//! The lock of a SQLite file, which ensures that only one process serves from it. The process holds the file `….lock`
//! next to the database for as long as it lives, and the system releases it when the process ends, for whatever reason.
//! The file's text says who holds it, or how the database was left.

use super::open::OpenDatabaseError;
use crate::private;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long to wait for a command that only looks at the database.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOKS: &str = "looked at by ";
const SERVES: &str = "used by ";
const STOPPED: &str = "stopped: ";

/// The purpose for which a process takes the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To look, and to bring the tables up to date. It is soon done.
    Look,
    /// To serve, for as long as the process lives.
    Serve,
}

/// The lock, which is held until this is dropped. Then the file is restored, unless [`FileLock::stopped`] has left a
/// note in it.
pub struct FileLock {
    file: File,
    path: PathBuf,
    database: PathBuf,
    /// The file's text before, or `None` if the file was created for this.
    before: Option<String>,
}

impl FileLock {
    /// Takes the lock of this database at once, but waits for a command that only looks. Returns
    /// [`OpenDatabaseError::InUse`] while another process has it.
    pub async fn take(database: &Path, purpose: Purpose) -> Result<Self, OpenDatabaseError> {
        let begun = Instant::now();
        loop {
            match Self::try_take(database, purpose) {
                Ok(Some(lock)) => return Ok(lock),
                // the file was removed between opening and locking
                Ok(None) => {}
                Err(refused @ OpenDatabaseError::InUse { by: Some(_), .. }) => return Err(refused),
                Err(refused) if begun.elapsed() >= PATIENCE => return Err(refused),
                Err(OpenDatabaseError::InUse { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(refused) => return Err(refused),
            }
        }
    }

    /// Returns `None` if the file was removed meanwhile.
    fn try_take(database: &Path, purpose: Purpose) -> Result<Option<Self>, OpenDatabaseError> {
        let path = beside(database, ".lock");
        let unusable = |error: io::Error| OpenDatabaseError::unusable(&path, &error);
        let (mut file, is_new) = open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenDatabaseError::InUse { path: database.to_owned(), by: serving(&path) });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        if !is_same(&file, &path) {
            return Ok(None);
        }
        let mut text = String::new();
        _ = file.read_to_string(&mut text);
        let mut lock =
            Self { file, path: path.clone(), database: database.to_owned(), before: (!is_new).then_some(text) };
        let word = if purpose == Purpose::Serve { SERVES } else { LOOKS };
        lock.write(&format!("{word}{}\n", std::process::id())).map_err(unusable)?;
        Ok(Some(lock))
    }

    /// Checks whether the database is as it was left by a process that stopped in order.
    pub fn was_stopped(&self) -> bool {
        self.before.as_deref().is_some_and(|before| is_note_of(before, &self.database))
    }

    /// Leaves a note that the database is intact as it is now.
    pub fn stopped(mut self) {
        if let Some(note) = note(&self.database)
            && self.write(&note).is_ok()
        {
            self.before = Some(note);
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        match self.before.take() {
            Some(before) => _ = self.write(&before),
            None => _ = fs::remove_file(&self.path),
        }
    }
}

/// Returns the path with a suffix after the name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Opens the file, and returns whether it was created now.
fn open(path: &Path) -> io::Result<(File, bool)> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        opened => return opened.map(|file| (file, false)),
    }
    match private::make_file(path) {
        Ok(file) => Ok((file, true)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path).map(|file| (file, false))
        }
        Err(error) => Err(error),
    }
}

/// Checks whether this path still leads to this file.
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Returns the id of the process that has written that it serves.
fn serving(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.strip_prefix(SERVES)?.trim().parse().ok()
}

/// Returns the note with the length and the time of the last change of the database. Every write to the file changes
/// one of these.
fn note(database: &Path) -> Option<String> {
    let metadata = fs::metadata(database).ok()?;
    let since = metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(format!("{STOPPED}{} {}\n", metadata.len(), since.as_nanos()))
}

fn is_note_of(text: &str, database: &Path) -> bool {
    note(database).is_some_and(|note| note == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_has_it_and_the_next_hears_who() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("vestibule.db");
        let lock = FileLock::take(&database, Purpose::Serve).await.unwrap();
        let refused = FileLock::take(&database, Purpose::Look).await.err().unwrap();
        assert!(refused.to_string().contains(&format!("in use by pid {}", std::process::id())), "{refused}");
        drop(lock);
        assert!(!beside(&database, ".lock").exists(), "there was nothing to lock, and nothing is left");
        FileLock::take(&database, Purpose::Serve).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_that_was_written_to_is_not_as_it_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("vestibule.db");
        fs::write(&database, "one").unwrap();
        let lock = FileLock::take(&database, Purpose::Serve).await.unwrap();
        assert!(!lock.was_stopped());
        lock.stopped();
        let lock = FileLock::take(&database, Purpose::Serve).await.unwrap();
        assert!(lock.was_stopped());
        drop(lock);
        assert!(
            FileLock::take(&database, Purpose::Look).await.unwrap().was_stopped(),
            "who only looked changes nothing"
        );
        fs::write(&database, "two!").unwrap();
        assert!(!FileLock::take(&database, Purpose::Look).await.unwrap().was_stopped());
    }
}
