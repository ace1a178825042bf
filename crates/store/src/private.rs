//! Folders and files that only the user of this process can access: they contain the key, people's email addresses, and
//! letters with links. They are created like that, and others are changed at the start.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a folder that only its owner can enter. An existing folder and those above it are not changed.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // of two processes that start together, one creates it
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Creates a file that only its owner can read and write. Returns an error if it exists.
pub fn make_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates the folder. An existing one is closed to others if it is ours, which is the case if `is_ours` says so or it
/// is empty. For a folder that others use too, it only logs a warning.
pub fn keep_folder(path: &Path, is_ours: bool) -> io::Result<()> {
    make_folder(path)?;
    if is_ours || fs::read_dir(path)?.next().is_none() {
        close(path);
    } else {
        say_if_open(path, GROUP | OTHERS);
    }
    Ok(())
}

/// Closes one of our files to others, if it exists.
pub fn keep_file(path: &Path) {
    close(path);
}

/// Logs a warning if everybody can read this file. It is not ours to change, and a group may be meant to read it.
pub fn look_at(path: &Path) {
    say_if_open(path, OTHERS);
}

const GROUP: u32 = 0o070;
const OTHERS: u32 = 0o007;

#[cfg(unix)]
fn close(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    /// The mode bit of folders that everybody may write to. Such a folder is never ours alone.
    const STICKY: u32 = 0o1000;
    let Some(mode) = mode_if_open(path, GROUP | OTHERS) else { return };
    if mode & STICKY != 0 {
        return say_if_open(path, GROUP | OTHERS);
    }
    let shut = fs::Permissions::from_mode(mode & !(GROUP | OTHERS));
    match fs::set_permissions(path, shut) {
        Ok(()) => tracing::warn!(path = %path.display(), "Others had access to this; now only its owner has"),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(path = %path.display(), error, "Others have access to this, and Vestibule can’t change that");
        }
    }
}

#[cfg(unix)]
fn say_if_open(path: &Path, to: u32) {
    if mode_if_open(path, to).is_some() {
        tracing::warn!(path = %path.display(), "Others have access to this; revoke it (chmod go=)");
    }
}

/// Returns the file's mode, if any of these bits is set in it.
#[cfg(unix)]
fn mode_if_open(path: &Path, to: u32) -> Option<u32> {
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).ok()?) & 0o7777;
    (mode & to != 0).then_some(mode)
}

#[cfg(not(unix))]
fn close(_: &Path) {}

#[cfg(not(unix))]
fn say_if_open(_: &Path, _: u32) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn open(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_made_is_ours_alone_and_what_is_above_is_as_usual() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("srv/vestibule");
        make_folder(&deep).unwrap();
        make_file(&deep.join("key")).unwrap();
        assert_eq!((mode(&deep), mode(&deep.join("key"))), (0o700, 0o600));
        assert_ne!(mode(&folder.path().join("srv")), 0o700);
        assert_eq!(make_file(&deep.join("key")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_folder_is_closed_if_it_is_ours_or_empty_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        make_folder(&path).unwrap();
        open(&path, 0o755);
        keep_folder(&path, false).unwrap();
        assert_eq!(mode(&path), 0o700, "empty");
        make_file(&path.join("others")).unwrap();
        open(&path, 0o750);
        keep_folder(&path, false).unwrap();
        assert_eq!(mode(&path), 0o750, "somebody else's");
        keep_folder(&path, true).unwrap();
        assert_eq!(mode(&path), 0o700, "ours");
        open(&path, 0o1777);
        keep_folder(&path, true).unwrap();
        assert_eq!(mode(&path), 0o1777, "everybody's");
    }

    #[test]
    fn a_file_is_closed_and_keeps_what_its_owner_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        keep_file(&path);
        make_file(&path).unwrap();
        open(&path, 0o444);
        look_at(&path);
        assert_eq!(mode(&path), 0o444);
        keep_file(&path);
        assert_eq!(mode(&path), 0o400);
    }
}
