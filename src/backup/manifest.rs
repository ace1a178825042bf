//! The manifest: a description of a backup, in a file beside it.

use super::draft::{DraftFile, beside, hex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use vestibule_domain::Instant;
use vestibule_store::CopyError;
use vestibule_store::backup::DatabaseContents;

/// The only format so far.
const FORMAT: u32 = 1;

/// The description of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The time of the backup, which contains everything that was acknowledged before.
    pub made_at: Instant,
    /// The version of the program that made the backup.
    pub version: String,
    /// The number of the last migration.
    pub schema: i64,
    /// The kind of database that was copied: `sqlite` or `postgres`. The backup itself is always SQLite.
    pub database: String,
    pub bytes: u64,
    pub sha256: String,
    /// The number of rows in each table.
    pub rows: BTreeMap<String, u64>,
    pub organizations: u64,
    /// The highest number of any event of all organizations.
    pub highest_event: u64,
    /// A value that identifies the key, and from which the key can't be derived.
    pub key_fingerprint: Option<String>,
}

const ANOTHER: &str = "Nothing was changed. Use another backup, or copy this one again from its source.";

impl Manifest {
    pub fn new(database: &str, contents: &DatabaseContents, (sha256, bytes): (String, u64), made_at: Instant) -> Self {
        Self {
            format: FORMAT,
            made_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: contents.schema,
            database: database.to_owned(),
            bytes,
            sha256,
            organizations: contents.rows.get("organizations").copied().unwrap_or_default(),
            rows: contents.rows.clone(),
            highest_event: contents.highest_event,
            key_fingerprint: contents.key_check.as_deref().map(hex),
        }
    }

    /// Returns the path of this backup's manifest: `FILE.json`.
    pub fn path_of(backup: &Path) -> PathBuf {
        beside(backup, ".json")
    }

    /// Reads the manifest of a backup. Rejects a missing manifest, and one of an unknown format.
    pub fn read(backup: &Path) -> Result<Self, CopyError> {
        let path = Self::path_of(backup);
        let damaged = |what: String| CopyError::Damaged { path: path.clone(), what, then: ANOTHER };
        if !backup.exists() {
            return Err(super::unreadable(backup, ErrorKind::NotFound.into()));
        }
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let what =
                    "the backup's manifest is missing, so nobody can check whether the backup is complete".to_owned();
                let then = "Put it back beside the backup. If it is lost and you trust the file, run `vestibule restore --without-manifest`.";
                return Err(CopyError::Damaged { path, what, then });
            }
            Err(error) => return Err(super::unreadable(&path, error)),
        };
        let manifest: Self =
            serde_json::from_str(&text).map_err(|error| damaged(format!("the manifest can't be read: {error}")))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!(
                "the manifest has format {}, and this program knows {FORMAT}",
                manifest.format
            )));
        }
        Ok(manifest)
    }

    /// Writes the manifest, completely or not at all.
    pub fn write(&self, backup: &Path) -> Result<(), CopyError> {
        let path = Self::path_of(backup);
        let draft = DraftFile::begin(&path)?;
        let text = serde_json::to_string_pretty(self).expect("numbers and texts are JSON") + "\n";
        let written =
            fs::OpenOptions::new().write(true).open(draft.path()).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| super::unreadable(&path, error))?;
        draft.sync()?;
        draft.publish(&path)
    }

    /// Rejects a backup file that is not the one described.
    pub fn compare_file(&self, backup: &Path, sha256: &str, bytes: u64) -> Result<(), CopyError> {
        let what = if bytes != self.bytes {
            format!("the backup is damaged: it has {bytes} bytes, and its manifest says {}", self.bytes)
        } else if sha256 != self.sha256 {
            "the backup is damaged: its SHA-256 is not the one in its manifest".to_owned()
        } else {
            return Ok(());
        };
        Err(CopyError::Damaged { path: backup.to_owned(), what, then: ANOTHER })
    }

    /// Rejects a backup whose tables differ from the description.
    pub fn compare(&self, backup: &Path, contents: &DatabaseContents) -> Result<(), CopyError> {
        if self.rows == contents.rows && self.schema == contents.schema {
            return Ok(());
        }
        let what = "the content of the backup differs from its manifest".to_owned();
        Err(CopyError::Damaged { path: backup.to_owned(), what, then: ANOTHER })
    }
}
