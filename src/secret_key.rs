//! The file of the secret key: it is read, created at the first start, and compared with the key that the database
//! knows.

use crate::config::Config;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use vestibule_domain::seal;
use vestibule_domain::token::SigningKeys;
use vestibule_store::private;
use vestibule_store::{Store, open::DatabaseFacts};

/// The reason why the keys can't be used. The message is one line that names the file, the cause, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "{}: the secret key is missing, but the database has been used with one. Restore the file from the backup. \
         If it is lost, write 32 random bytes in base64 to it (head -c 32 /dev/urandom | base64) and run \
         `vestibule adopt-key`, which voids all open links.",
        .0.display()
    )]
    Missing(PathBuf),
    #[error("{}: the file is missing; it is listed in previous_secret_key_files. Put it back, or remove it from the list.", .0.display())]
    PreviousMissing(PathBuf),
    #[error("{}: the secret key can't be read: {reason}. Restore the file from the backup, or let the user that Vestibule runs as read it.", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{}: the secret key can't be created: {error}. Let the user that Vestibule runs as write in that folder.", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    #[error(
        "{}: this is another secret key than the one that the database {database} was used with. Restore the right file from \
         the backup, or add it to previous_secret_key_files. If it is lost, `vestibule adopt-key` accepts this one, \
         but voids all open links.",
        path.display()
    )]
    Wrong { path: PathBuf, database: String },
    #[error(
        "{}: the database is missing, but its secret key {} exists. Restore the database (`vestibule restore BACKUP`). \
         For a new installation, run `vestibule migrate` first, which creates an empty one.",
        database.display(), key.display()
    )]
    DatabaseLost { database: PathBuf, key: PathBuf },
}

/// Returns the keys of these settings, if they belong to the database that was found. Returns `None` when there is no
/// key yet and one may be created. Writes nothing.
pub fn load(config: &Config, database_url: &str, found: &DatabaseFacts) -> Result<Option<SigningKeys>, KeyError> {
    let path = config.secret_key_file();
    let Some(signing_keys) = read(config)? else {
        return if found.is_used || found.key_check.is_some() { Err(KeyError::Missing(path)) } else { Ok(None) };
    };
    if let (Some(database), None) = (Store::file_of(database_url), found.schema) {
        return Err(KeyError::DatabaseLost { database: database.to_owned(), key: path });
    }
    match &found.key_check {
        Some(check) if !seal::knows_key(&signing_keys, check) => Err(wrong(config, database_url)),
        _ => Ok(Some(signing_keys)),
    }
}

/// Returns the error that the key of these settings is not the database's.
pub fn wrong(config: &Config, database_url: &str) -> KeyError {
    KeyError::Wrong { path: config.secret_key_file(), database: vestibule_store::open::name_of(database_url) }
}

/// Returns the keys of these settings without comparing them with the database, or `None` if the present key's file is
/// missing.
pub fn read(config: &Config) -> Result<Option<SigningKeys>, KeyError> {
    let Some(current) = read_file(&config.secret_key_file())? else { return Ok(None) };
    with_previous(config, current).map(Some)
}

/// Creates the file of the present key. If several processes start together, one of them creates it and all get the
/// same key.
pub fn make(config: &Config) -> Result<SigningKeys, KeyError> {
    let path = config.secret_key_file();
    let unwritable = |error| KeyError::Unwritable { path: path.clone(), error };
    make_file(&path).map_err(unwritable)?;
    let current = read_file(&path)?.ok_or_else(|| unwritable(ErrorKind::NotFound.into()))?;
    with_previous(config, current)
}

fn with_previous(config: &Config, current: [u8; 32]) -> Result<SigningKeys, KeyError> {
    let read = |path: &PathBuf| read_file(path)?.ok_or_else(|| KeyError::PreviousMissing(path.clone()));
    let previous = config.previous_secret_key_files.iter().map(read).collect::<Result<_, _>>()?;
    Ok(SigningKeys::new(current, previous))
}

fn read_file(path: &Path) -> Result<Option<[u8; 32]>, KeyError> {
    let unreadable = |reason: String| KeyError::Unreadable { path: path.to_owned(), reason };
    let text = match std::fs::read_to_string(path) {
        Ok(_) if is_shut(path) => return Err(unreadable("nobody has permission".into())),
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let key = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    key.map(Some).ok_or_else(|| unreadable("it does not contain 32 bytes in base64".into()))
}

/// Checks whether nobody has permission to read the file. Root could read it nevertheless, but is not meant to.
fn is_shut(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o444 == 0)
}

/// Creates the file, readable only by its owner. It exists completely or not at all, even if this is interrupted.
fn make_file(path: &Path) -> io::Result<()> {
    let mut key = [0; 32];
    rand::fill(&mut key);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private::make_folder(folder)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}-{:x}", std::process::id(), rand::random::<u32>()));
    let draft = PathBuf::from(draft);
    let written = private::make_file(&draft).and_then(|mut file| {
        file.write_all(STANDARD.encode(key).as_bytes())?;
        file.sync_all()?;
        // a hard link, because a rename would replace the file of another process
        std::fs::hard_link(&draft, path)?;
        std::fs::File::open(folder)?.sync_all()
    });
    _ = std::fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_make_a_key_at_once_all_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let signing_keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        make_file(&path).unwrap();
                        read_file(&path).unwrap().unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(signing_keys.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }
}
