//! A draft: a file that is written under another name until it is complete.

use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use vestibule_store::CopyError;
use vestibule_store::backup::is_unwritable;
use vestibule_store::private;

const ROOM: &str = "Let the user that runs this write there, and make room for the whole database.";

/// A file that is being written. It is deleted when dropped, unless it was published. Only one process can write it at
/// a time.
pub struct DraftFile {
    path: PathBuf,
    file: File,
    is_published: bool,
}

impl DraftFile {
    /// Creates an empty file beside the target, readable only by its owner. It overwrites one that an earlier process
    /// left.
    pub fn begin(target: &Path) -> Result<Self, CopyError> {
        let path = draft_of(target);
        let refused = |error| CopyError::File { path: path.clone(), error, then: ROOM };
        let file = match private::make_file(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(&path)
            }
            made => made,
        };
        let file = file.map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(refused(io::Error::other("another process is writing it")));
            }
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        private::keep_file(&path);
        remove_logs(&path);
        file.set_len(0).map_err(refused)?;
        Ok(Self { path, file, is_published: false })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Copies the content of another file into it, but not that file's mode.
    pub fn fill(&self, from: &Path) -> io::Result<()> {
        let mut to = OpenOptions::new().write(true).open(&self.path)?;
        io::copy(&mut File::open(from)?, &mut to).map(drop)
    }

    /// Syncs the file to disk. Returns its SHA-256 and its length.
    pub fn sync(&self) -> Result<(String, u64), CopyError> {
        let done = File::open(&self.path).and_then(|file| file.sync_all()).and_then(|()| sha256(&self.path));
        done.map_err(|error| CopyError::File { path: self.path.clone(), error, then: ROOM })
    }

    /// Renames it to its final name and replaces a file of that name.
    pub fn publish(mut self, target: &Path) -> Result<(), CopyError> {
        let done = fs::rename(&self.path, target).and_then(|()| sync_folder(target));
        done.map_err(|error| CopyError::File { path: target.to_owned(), error, then: ROOM })?;
        self.is_published = true;
        Ok(())
    }

    /// Adds the name of the file to a database error that only says that something could not be written.
    pub fn explain(&self, refused: CopyError) -> CopyError {
        match refused {
            CopyError::Store(error) if is_unwritable(&error) => {
                let error = io::Error::other(error);
                CopyError::File { path: self.path.clone(), error, then: ROOM }
            }
            refused => refused,
        }
    }
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        if !self.is_published {
            _ = fs::remove_file(&self.path);
            remove_logs(&self.path);
        }
        _ = self.file.unlock();
    }
}

/// Returns the name of the draft of a file.
pub fn draft_of(target: &Path) -> PathBuf {
    beside(target, ".part")
}

/// Deletes the files that SQLite has left beside a database.
pub fn remove_logs(path: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        _ = fs::remove_file(beside(path, suffix));
    }
}

/// Returns the path with a suffix after its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Syncs the file's folder, so that its name is on disk.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Returns the file's SHA-256 in hexadecimal, and its length.
pub fn sha256(path: &Path) -> io::Result<(String, u64)> {
    let (mut file, mut digest, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        digest.update(&piece[..read]);
        bytes += read as u64;
    }
    let digest: [u8; 32] = digest.finalize().into();
    Ok((hex(&digest), bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
