//! `vestibule restore`

use super::{CliError, progress};
use crate::app::component::plural;
use crate::backup::{self, RestoreOptions};
use crate::config::Config;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use vestibule_domain::{Clock, SystemClock};

#[derive(Args)]
pub struct Restore {
    /// The backup. Its manifest, FILE.json, has to be next to it.
    file: PathBuf,
    /// Restore a backup without its manifest. Nothing can tell whether such a file is complete.
    #[arg(long)]
    without_manifest: bool,
    /// Restore a backup that was made with a key that is lost. Run `vestibule adopt-key` afterwards.
    #[arg(long)]
    with_another_key: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub async fn run(self, config: &Config) -> Result<(), CliError> {
        let allowed = RestoreOptions { without_manifest: self.without_manifest, another_key: self.with_another_key };
        let restoring = backup::restore(config, &self.file, allowed, SystemClock.now());
        let draft = backup::draft_of(&backup::target_of(config, &config.database_url()?));
        let restored = progress::tend(&draft, restoring).await?;
        let (made_at, held) = (restored.backup_made_at, restored.held);
        if self.json {
            let report = json!({
                "backup_made_at": made_at, "rows": restored.rows,
                "held": { "mails": held.mails, "webhook_deliveries": held.deliveries, "reminders": held.reminders },
            });
            println!("{report}");
            return Ok(());
        }
        println!("Restored the backup of {}.", made_at.format("%Y-%m-%d %H:%M:%S UTC"));
        println!("Everyone has to sign in again. New events get higher numbers.");
        println!("Held: {}.", in_words(held));
        println!("Start the server, check that everything is there, then decide about what is held:");
        println!("  vestibule mail release   sends it (if this installation replaces the old one)");
        println!("  vestibule mail discard   drops it (single mails can still be sent)");
        Ok(())
    }
}

/// Returns how much is held, like `2 mails, 1 reminder, 0 webhook deliveries`.
pub fn in_words(held: vestibule_store::HeldCounts) -> String {
    let (mails, reminders) = (plural(held.mails, "mail", "mails"), plural(held.reminders, "reminder", "reminders"));
    let deliveries = plural(held.deliveries, "webhook delivery", "webhook deliveries");
    format!("{mails}, {reminders}, {deliveries}")
}
