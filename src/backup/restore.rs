//! Puts a backup where a database is to be: on a copy, which takes its place at the end.

use super::draft::{Draft, remove_logs, sha256, sync_folder};
use super::{Manifest, unreadable};
use crate::config::Config;
use crate::secret_key;
use crate::server::OpenRefused;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vestibule_domain::Instant;
use vestibule_store::backup::{self, Contents, examine, knows_key, look_at_target, put_on_server};
use vestibule_store::private;
use vestibule_store::{CopyRefused, FileLock, HeldCounts, Purpose, Store};

/// What was restored.
pub struct Restored {
    pub backup_made_at: Instant,
    /// Rows of each table as they are now.
    pub rows: BTreeMap<String, u64>,
    pub held: HeldCounts,
}

/// What is refused unless the operator allows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed {
    pub without_manifest: bool,
    pub another_key: bool,
}

/// Restores a backup into the empty database of these settings. Refused, with everything as it was, where the database is
/// used, the backup is damaged or of a newer program, or the key is another one. Stopped at any moment, either nothing or
/// all of it is there.
pub async fn restore(
    config: &Config,
    file: &Path,
    allowed: Allowed,
    now: Instant,
) -> Result<Restored, Box<dyn std::error::Error + Send + Sync>> {
    let url = config.database_url().map_err(OpenRefused::from)?;
    let keys = secret_key::read(config).map_err(OpenRefused::from)?;
    let keys = keys.ok_or_else(|| OpenRefused::from(secret_key::KeyRefused::Missing(config.secret_key_file())))?;
    let manifest = if allowed.without_manifest { None } else { Some(Manifest::read(file)?) };
    let (target, place) = (Store::file_of(&url), target_of(config, &url));
    // a folder that is made for this is ours
    private::make_folder(folder_of(&place)).map_err(|error| CopyRefused::File {
        path: config.data_dir.clone(),
        error,
        then: "Let the user that runs this write there.",
    })?;
    let lock = match (look_at_target(&url).await?, target) {
        (None, Some(path)) => Some(FileLock::take(path, Purpose::Serve).await.map_err(CopyRefused::from)?),
        (lock, _) => lock,
    };
    let copy = copied(file, &place, manifest.as_ref())?;
    let contents = examine(copy.path()).await.map_err(|refused| of_backup(refused, copy.path(), file))?;
    if let Some(manifest) = &manifest {
        manifest.compare(file, &contents)?;
    }
    if !allowed.another_key && !knows_key(&keys, &contents) {
        let (path, key) = (file.to_owned(), config.secret_key_file());
        return Err(CopyRefused::OtherKey { path, key }.into());
    }
    let backup_made_at = made_at(manifest.as_ref(), &contents, now);
    let (rows, held) =
        backup::settle(copy.path(), &keys, backup_made_at, now).await.map_err(|refused| copy.explain(refused))?;
    match target {
        Some(target) => {
            copy.sync()?;
            remove_logs(target);
            copy.publish(target)?;
            sync_folder(target).map_err(|error| unreadable(target, error))?;
            lock.into_iter().for_each(FileLock::stopped);
        }
        None => put_on_server(copy.path(), &url).await?,
    }
    Ok(Restored { backup_made_at, rows, held })
}

/// Where a backup is put together: the file that the settings name, or one in the data folder that then goes to the server.
pub fn target_of(config: &Config, url: &str) -> PathBuf {
    Store::file_of(url).map_or_else(|| config.data_dir.join("restoring"), Path::to_owned)
}

/// Without a manifest the last event says when it was: too early is safe, as more numbers are left out then.
fn made_at(manifest: Option<&Manifest>, contents: &Contents, now: Instant) -> Instant {
    manifest.map(|manifest| manifest.made_at).or(contents.last_event_at).unwrap_or(now)
}

/// A copy of the backup beside its target, which is what was compared with the manifest.
fn copied(file: &Path, target: &Path, manifest: Option<&Manifest>) -> Result<Draft, CopyRefused> {
    if !file.is_file() {
        return Err(unreadable(file, std::io::ErrorKind::NotFound.into()));
    }
    let copy = Draft::begin(target)?;
    copy.fill(file).map_err(|error| unreadable(file, error))?;
    let (sha256, bytes) = sha256(copy.path()).map_err(|error| unreadable(copy.path(), error))?;
    if let Some(manifest) = manifest {
        manifest.compare_file(file, &sha256, bytes)?;
    }
    Ok(copy)
}

/// Names the backup rather than the copy of it.
fn of_backup(refused: CopyRefused, copy: &Path, file: &Path) -> CopyRefused {
    let named = |path: PathBuf| if path == copy { file.to_owned() } else { path };
    match refused {
        CopyRefused::Damaged { path, what, then } => CopyRefused::Damaged { path: named(path), what, then },
        CopyRefused::Database(vestibule_store::open::Refused::Newer { found, known, .. }) => {
            let name = file.display().to_string();
            CopyRefused::Database(vestibule_store::open::Refused::Newer { name, found, known })
        }
        refused => refused,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
