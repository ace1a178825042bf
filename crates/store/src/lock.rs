//! Who serves a SQLite file: one process, which holds the file `….lock` beside it for as long as it lives. The system
//! lets go of it when the process ends, however that happens. What stands in the file says who, or how it was left.

use super::open::Refused;
use crate::private;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long is waited for a command that only looks at the database.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOKS: &str = "looked at by ";
const SERVES: &str = "used by ";
const STOPPED: &str = "stopped: ";

/// What a process takes the lock for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To look, and to bring the tables up to date: done soon.
    Look,
    /// For as long as it lives.
    Serve,
}

/// Held until it is dropped. Then the file is as it was before, unless [`FileLock::stopped`] has left word in it.
pub struct FileLock {
    file: File,
    path: PathBuf,
    database: PathBuf,
    /// what stood in it; none: it was made for this
    before: Option<String>,
}

impl FileLock {
    /// Takes the lock of this database, at once; who only looks is waited for. Refused while another process has it.
    pub async fn take(database: &Path, purpose: Purpose) -> Result<Self, Refused> {
        let begun = Instant::now();
        loop {
            match Self::try_take(database, purpose) {
                Ok(Some(lock)) => return Ok(lock),
                // gone between opening and locking
                Ok(None) => {}
                Err(refused @ Refused::InUse { by: Some(_), .. }) => return Err(refused),
                Err(refused) if begun.elapsed() >= PATIENCE => return Err(refused),
                Err(Refused::InUse { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(refused) => return Err(refused),
            }
        }
    }

    /// None when the file was taken away meanwhile.
    fn try_take(database: &Path, purpose: Purpose) -> Result<Option<Self>, Refused> {
        let path = beside(database, ".lock");
        let unusable = |error: io::Error| Refused::unusable(&path, &error);
        let (mut file, is_new) = open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Refused::InUse { path: database.to_owned(), by: serving(&path) });
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

    /// Whether the database is as a process left it that stopped in order.
    pub fn was_stopped(&self) -> bool {
        self.before.as_deref().is_some_and(|before| is_note_of(before, &self.database))
    }

    /// Leaves word that the database is whole as it is now.
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

/// The path with something behind the name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The file, and whether it was made now.
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

/// Whether this path still leads to this file.
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// The id of the process that has said it serves.
fn serving(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.strip_prefix(SERVES)?.trim().parse().ok()
}

/// Length and time of the last change: whoever writes to the file changes these.
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
