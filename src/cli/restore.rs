//! `vestibule restore`

use super::{Failed, progress};
use crate::app::component::plural;
use crate::backup::{self, Allowed};
use crate::config::Config;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use vestibule_domain::{Clock, SystemClock};

#[derive(Args)]
pub struct Restore {
    /// The backup. Its manifest, FILE.json, is beside it.
    file: PathBuf,
    /// Take a backup whose manifest is lost, and that nobody can tell to be whole.
    #[arg(long)]
    without_manifest: bool,
    /// Take a backup that was made with a key that is lost. `vestibule adopt-key` has to follow.
    #[arg(long)]
    with_another_key: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Restore {
    pub async fn run(self, config: &Config) -> Result<(), Failed> {
        let allowed = Allowed { without_manifest: self.without_manifest, another_key: self.with_another_key };
        let restoring = backup::restore(config, &self.file, allowed, SystemClock.now());
        let draft = backup::draft_of(&backup::target_of(config, &config.database_url()?));
        let restored = progress::tend(&draft, restoring).await?;
        let (made_at, held) = (restored.backup_made_at, restored.held);
        if self.json {
            let told = json!({
                "backup_made_at": made_at, "rows": restored.rows,
                "held": { "mails": held.mails, "webhook_deliveries": held.deliveries, "reminders": held.reminders },
            });
            println!("{told}");
            return Ok(());
        }
        println!("Restored the backup of {}.", made_at.format("%Y-%m-%d %H:%M:%S UTC"));
        println!("Everybody has to sign in again. Events go on under higher numbers.");
        println!("Held: {}.", in_words(held));
        println!("Start the server, look around, then say what becomes of what is held:");
        println!("  vestibule mail release   sends it (where this is the installation now)");
        println!("  vestibule mail discard   does not (it can still be sent one by one)");
        Ok(())
    }
}

/// How much is held, as the parts of a sentence.
pub fn in_words(held: vestibule_store::HeldCounts) -> String {
    let (mails, reminders) = (plural(held.mails, "mail", "mails"), plural(held.reminders, "reminder", "reminders"));
    let deliveries = plural(held.deliveries, "webhook delivery", "webhook deliveries");
    format!("{mails}, {reminders}, {deliveries}")
}
