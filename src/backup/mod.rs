//! Backups: one file with the whole database, and a manifest beside it. The key is never part of a backup.

mod draft;
mod manifest;
mod restore;

pub use draft::draft_of;
pub use manifest::Manifest;
pub use restore::{RestoreOptions, RestoredBackup, restore, target_of};

use draft::{DraftFile, sha256};
use std::path::Path;
use vestibule_domain::Instant;
use vestibule_domain::token::SigningKeys;
use vestibule_store::backup::{copy_to_file, examine, knows_key};
use vestibule_store::{CopyError, Store};

/// The result of verifying a backup.
pub struct VerifiedBackup {
    pub manifest: Manifest,
    pub organizations: u64,
    pub events: u64,
    /// Whether the backup was made with this key; `None` without a key, or if the backup does not say.
    pub knows_key: Option<bool>,
}

/// Writes a backup of this database to `path`, and its manifest beside it, while others keep writing. Rejects a path
/// that exists. If it is interrupted at any moment, no file of that name is left.
pub async fn make(url: &str, path: &Path, now: Instant) -> Result<Manifest, CopyError> {
    if path.exists() {
        return Err(CopyError::Exists { path: path.to_owned() });
    }
    let draft = DraftFile::begin(path)?;
    copy_to_file(url, draft.path()).await.map_err(|refused| draft.explain(refused))?;
    let contents = examine(draft.path()).await?;
    let (sha256, bytes) = draft.sync()?;
    let database = if Store::file_of(url).is_some() { "sqlite" } else { "postgres" };
    let manifest = Manifest::new(database, &contents, (sha256, bytes), now);
    manifest.write(path)?;
    draft.publish(path)?;
    Ok(manifest)
}

/// Verifies a backup as `restore` would, and the chain of every organization. Changes nothing.
pub async fn verify(path: &Path, signing_keys: Option<&SigningKeys>) -> Result<VerifiedBackup, CopyError> {
    let manifest = Manifest::read(path)?;
    compare(path, &manifest)?;
    let contents = examine(path).await?;
    manifest.compare(path, &contents)?;
    let url = format!("sqlite:{}", path.display());
    vestibule_store::open::inspect(&url, vestibule_store::open::InspectFor::Read).await?;
    let store = Store::open_to_read(&url).await?;
    if let Some(signing_keys) = signing_keys.filter(|signing_keys| knows_key(signing_keys, &contents)) {
        store.seals().know(signing_keys);
    }
    let walked = walk(&store, path).await;
    store.close().await;
    let (organizations, events) = walked?;
    Ok(VerifiedBackup {
        manifest,
        organizations,
        events,
        knows_key: signing_keys.map(|signing_keys| knows_key(signing_keys, &contents)),
    })
}

async fn walk(store: &Store, path: &Path) -> Result<(u64, u64), CopyError> {
    let (mut organizations, mut events) = (0, 0);
    for (id, slug) in store.all_organizations().await? {
        let verdict = store.verify_chain(id, |_| ()).await?;
        if let Some(flaw) = verdict.flaw {
            let what = format!("{slug}: {flaw}");
            let then = "The database may have this fault too: run `vestibule check`.";
            return Err(CopyError::Damaged { path: path.to_owned(), what, then });
        }
        organizations += 1;
        events += verdict.count;
    }
    Ok((organizations, events))
}

/// Compares the file's length and SHA-256 with the manifest.
fn compare(path: &Path, manifest: &Manifest) -> Result<(), CopyError> {
    let (sha256, bytes) = sha256(path).map_err(|error| unreadable(path, error))?;
    manifest.compare_file(path, &sha256, bytes)
}

fn unreadable(path: &Path, error: std::io::Error) -> CopyError {
    let then = "Name an existing backup that this user can read.";
    CopyError::File { path: path.to_owned(), error, then }
}
