//! Restores a backup: works on a copy, which becomes the database at the end.

use super::draft::{DraftFile, remove_logs, sha256, sync_folder};
use super::{Manifest, unreadable};
use crate::config::Config;
use crate::secret_key;
use crate::server::OpenError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use vestibule_domain::Instant;
use vestibule_store::backup::{self, DatabaseContents, examine, knows_key, look_at_target, put_on_server};
use vestibule_store::private;
use vestibule_store::{CopyError, FileLock, HeldCounts, Purpose, Store};

/// The result of restoring a backup.
pub struct RestoredBackup {
    pub backup_made_at: Instant,
    /// The present number of rows in each table.
    pub rows: BTreeMap<String, u64>,
    pub held: HeldCounts,
}

/// Things that are rejected unless the operator allows them.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreOptions {
    pub without_manifest: bool,
    pub another_key: bool,
}

/// Restores a backup into the empty database of these settings. Rejects, without changing anything, a database that is
/// in use, a backup that is damaged or from a newer program, and one made with another key. If it is interrupted at any
/// moment, either nothing or everything is restored.
pub async fn restore(
    config: &Config,
    file: &Path,
    allowed: RestoreOptions,
    now: Instant,
) -> Result<RestoredBackup, Box<dyn std::error::Error + Send + Sync>> {
    let url = config.database_url().map_err(OpenError::from)?;
    let signing_keys = secret_key::read(config).map_err(OpenError::from)?;
    let signing_keys =
        signing_keys.ok_or_else(|| OpenError::from(secret_key::KeyError::Missing(config.secret_key_file())))?;
    let manifest = if allowed.without_manifest { None } else { Some(Manifest::read(file)?) };
    let (target, place) = (Store::file_of(&url), target_of(config, &url));
    // a folder that is created now belongs to Vestibule
    private::make_folder(folder_of(&place)).map_err(|error| CopyError::File {
        path: config.data_dir.clone(),
        error,
        then: "Let the user that runs this write to this folder.",
    })?;
    let lock = match (look_at_target(&url).await?, target) {
        (None, Some(path)) => Some(FileLock::take(path, Purpose::Serve).await.map_err(CopyError::from)?),
        (lock, _) => lock,
    };
    let copy = copied(file, &place, manifest.as_ref())?;
    let contents = examine(copy.path()).await.map_err(|refused| of_backup(refused, copy.path(), file))?;
    if let Some(manifest) = &manifest {
        manifest.compare(file, &contents)?;
    }
    if !allowed.another_key && !knows_key(&signing_keys, &contents) {
        let (path, key) = (file.to_owned(), config.secret_key_file());
        return Err(CopyError::OtherKey { path, key }.into());
    }
    let backup_made_at = made_at(manifest.as_ref(), &contents, now);
    let (rows, held) = backup::settle(copy.path(), &signing_keys, backup_made_at, now)
        .await
        .map_err(|refused| copy.explain(refused))?;
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
    Ok(RestoredBackup { backup_made_at, rows, held })
}

/// Returns where the copy is prepared: at the database file of the settings, or in the data folder for a copy that then
/// goes to a server.
pub fn target_of(config: &Config, url: &str) -> PathBuf {
    Store::file_of(url).map_or_else(|| config.data_dir.join("restoring"), Path::to_owned)
}

/// Returns when the backup was made. Without a manifest, the time of the last event is used: too early is safe, because
/// more event numbers are skipped then.
fn made_at(manifest: Option<&Manifest>, contents: &DatabaseContents, now: Instant) -> Instant {
    manifest.map(|manifest| manifest.made_at).or(contents.last_event_at).unwrap_or(now)
}

/// Copies the backup beside its target and compares the copy with the manifest.
fn copied(file: &Path, target: &Path, manifest: Option<&Manifest>) -> Result<DraftFile, CopyError> {
    if !file.is_file() {
        return Err(unreadable(file, std::io::ErrorKind::NotFound.into()));
    }
    let copy = DraftFile::begin(target)?;
    copy.fill(file).map_err(|error| unreadable(file, error))?;
    let (sha256, bytes) = sha256(copy.path()).map_err(|error| unreadable(copy.path(), error))?;
    if let Some(manifest) = manifest {
        manifest.compare_file(file, &sha256, bytes)?;
    }
    Ok(copy)
}

/// Replaces the copy's path in an error by the backup's.
fn of_backup(refused: CopyError, copy: &Path, file: &Path) -> CopyError {
    let named = |path: PathBuf| if path == copy { file.to_owned() } else { path };
    match refused {
        CopyError::Damaged { path, what, then } => CopyError::Damaged { path: named(path), what, then },
        CopyError::Database(vestibule_store::open::OpenDatabaseError::Newer { found, known, .. }) => {
            let name = file.display().to_string();
            CopyError::Database(vestibule_store::open::OpenDatabaseError::Newer { name, found, known })
        }
        refused => refused,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
