//! The file of the secret key: read, made at the first start, and compared with what the database says of its key.

use crate::config::Config;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use vestibule_domain::seal;
use vestibule_domain::token::Keys;
use vestibule_store::private;
use vestibule_store::{Store, open::Found};

/// Why there are no keys: one line that names the file, the cause, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyRefused {
    #[error(
        "{}: the secret key is missing, and the database has been used with one. Put the file back from the backup; \
         or, to void all open links, write 32 random bytes in base64 there (head -c 32 /dev/urandom | base64) and run \
         `vestibule adopt-key`.",
        .0.display()
    )]
    Missing(PathBuf),
    #[error("{}: the file is missing; previous_secret_key_files names it. Put it back, or take its name out.", .0.display())]
    PreviousMissing(PathBuf),
    #[error("{}: the secret key can't be read: {reason}. Put the file back from the backup, or let the user that Vestibule runs as read it.", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{}: the secret key can't be made: {error}. Let the user that Vestibule runs as write in that folder.", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
    #[error(
        "{}: this is another secret key than the one that the database {database} was used with. Put the right file back from \
         the backup, or name it in previous_secret_key_files; if it is lost, `vestibule adopt-key` goes on with this one, \
         and all open links are void.",
        path.display()
    )]
    Wrong { path: PathBuf, database: String },
    #[error(
        "{}: the database is missing, and its secret key {} is there. Put the database back (`vestibule restore BACKUP`); \
         if this is to be a new installation, run `vestibule migrate` first, which makes an empty one.",
        database.display(), key.display()
    )]
    DatabaseLost { database: PathBuf, key: PathBuf },
}

/// The keys of these settings, if they fit what was found at the database's address; none when there is no key yet and
/// one may be made. Nothing is written.
pub fn load(config: &Config, database_url: &str, found: &Found) -> Result<Option<Keys>, KeyRefused> {
    let path = config.secret_key_file();
    let Some(keys) = read(config)? else {
        return if found.is_used || found.key_check.is_some() { Err(KeyRefused::Missing(path)) } else { Ok(None) };
    };
    if let (Some(database), None) = (Store::file_of(database_url), found.schema) {
        return Err(KeyRefused::DatabaseLost { database: database.to_owned(), key: path });
    }
    match &found.key_check {
        Some(check) if !seal::knows_key(&keys, check) => Err(wrong(config, database_url)),
        _ => Ok(Some(keys)),
    }
}

/// The key of these settings is another than the database's.
pub fn wrong(config: &Config, database_url: &str) -> KeyRefused {
    KeyRefused::Wrong { path: config.secret_key_file(), database: vestibule_store::open::name_of(database_url) }
}

/// The keys of these settings, whatever the database says; none without the file of the present one.
pub fn read(config: &Config) -> Result<Option<Keys>, KeyRefused> {
    let Some(current) = read_file(&config.secret_key_file())? else { return Ok(None) };
    with_previous(config, current).map(Some)
}

/// Makes the file of the present key. Of several processes that start together, one makes it, and all get the same.
pub fn make(config: &Config) -> Result<Keys, KeyRefused> {
    let path = config.secret_key_file();
    let unwritable = |error| KeyRefused::Unwritable { path: path.clone(), error };
    make_file(&path).map_err(unwritable)?;
    let current = read_file(&path)?.ok_or_else(|| unwritable(ErrorKind::NotFound.into()))?;
    with_previous(config, current)
}

fn with_previous(config: &Config, current: [u8; 32]) -> Result<Keys, KeyRefused> {
    let read = |path: &PathBuf| read_file(path)?.ok_or_else(|| KeyRefused::PreviousMissing(path.clone()));
    let previous = config.previous_secret_key_files.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Keys::new(current, previous))
}

fn read_file(path: &Path) -> Result<Option<[u8; 32]>, KeyRefused> {
    let unreadable = |reason: String| KeyRefused::Unreadable { path: path.to_owned(), reason };
    let text = match std::fs::read_to_string(path) {
        Ok(_) if is_shut(path) => return Err(unreadable("nobody may".into())),
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let key = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    key.map(Some).ok_or_else(|| unreadable("it does not hold 32 bytes in base64".into()))
}

/// Root may read what nobody may, and is not meant to.
fn is_shut(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o444 == 0)
}

/// Readable by its owner alone. It is there whole or not at all, whoever reads and whenever this ends.
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
        // a link, as a rename would take the place of another's
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
        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
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
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }
}
