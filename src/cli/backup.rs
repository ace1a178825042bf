//! `vestibule backup`

use super::{CliError, progress};
use crate::app::component::plural;
use crate::backup;
use crate::config::Config;
use crate::secret_key;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use vestibule_domain::{Clock, SystemClock};

#[derive(Args)]
pub struct Backup {
    /// The file to write. It must not exist yet. A manifest, FILE.json, is written next to it.
    file: PathBuf,
    /// Verify an existing backup instead of creating one: its length and SHA-256, whether the file is sound, and the
    /// events of every organization.
    #[arg(long)]
    verify: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// Creates or verifies a backup. Fails when a verified backup is damaged.
    pub async fn run(self, config: &Config) -> Result<(), CliError> {
        if self.verify { self.verify(config).await } else { self.make(config).await }
    }

    async fn make(self, config: &Config) -> Result<(), CliError> {
        let url = config.database_url()?;
        let making = backup::make(&url, &self.file, SystemClock.now());
        let manifest = progress::tend(&backup::draft_of(&self.file), making).await?;
        if self.json {
            println!("{}", json!({ "file": self.file, "manifest": manifest }));
            return Ok(());
        }
        let organizations = plural(manifest.organizations, "organization", "organizations");
        println!("{}: {organizations}, {} bytes, SHA-256 {}", self.file.display(), manifest.bytes, manifest.sha256);
        let key = config.secret_key_file();
        println!(
            "The backup does not contain the secret key. Keep {} too, in a different place: anyone with both can forge links to open invitations.",
            key.display()
        );
        Ok(())
    }

    async fn verify(self, config: &Config) -> Result<(), CliError> {
        let signing_keys = secret_key::read(config)?;
        let verified = backup::verify(&self.file, signing_keys.as_ref()).await?;
        if self.json {
            let report = json!({
                "ok": true, "file": self.file, "organizations": verified.organizations, "events": verified.events,
                "is_of_this_key": verified.knows_key, "manifest": verified.manifest,
            });
            println!("{report}");
            return Ok(());
        }
        let organizations = plural(verified.organizations, "organization", "organizations");
        println!("ok: {} of {organizations}", plural(verified.events, "event", "events"));
        match verified.knows_key {
            Some(true) => {}
            Some(false) => {
                println!(
                    "The backup was made with a different key than the one in {}.",
                    config.secret_key_file().display()
                )
            }
            None => println!("There is no key in {} to compare the backup with.", config.secret_key_file().display()),
        }
        Ok(())
    }
}
