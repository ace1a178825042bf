//! `vestibule mail`

use super::restore::in_words;
use super::{CliError, opened};
use crate::config::Config;
use clap::{Args, Subcommand};
use serde_json::json;
use vestibule_core::service::HeldDecision;

#[derive(Subcommand)]
pub enum Verb {
    /// Show how much is held since a backup was restored: mails, reminders and webhook deliveries.
    Held(OutputArguments),
    /// Send what is held.
    Release(OutputArguments),
    /// Discard what is held. The mails are marked as failed, and can be sent again one by one.
    Discard(OutputArguments),
}

#[derive(Args)]
pub struct OutputArguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, verb: Verb) -> Result<(), CliError> {
    let (decision, output) = match verb {
        Verb::Held(output) => (None, output),
        Verb::Release(output) => (Some(HeldDecision::Release), output),
        Verb::Discard(output) => (Some(HeldDecision::Discard), output),
    };
    opened(config, async |vestibule| {
        let (hold, counts) = vestibule.held().counts().await?;
        let counts = match decision {
            Some(decision) => vestibule.held().settle(decision).await?,
            None => counts,
        };
        if output.json {
            let report = json!({
                "mails": counts.mails, "reminders": counts.reminders, "webhook_deliveries": counts.deliveries,
                "restored_at": hold.map(|hold| hold.restored_at), "backup_made_at": hold.map(|hold| hold.backup_made_at),
            });
            println!("{report}");
            return Ok(());
        }
        let what = in_words(counts);
        match (decision, hold) {
            (_, None) => println!("Nothing is held."),
            (Some(HeldDecision::Release), _) => println!("Released: {what}. The server is sending them now."),
            (Some(HeldDecision::Discard), _) => println!("Discarded: {what}."),
            (None, Some(hold)) => {
                let at = hold.restored_at.format("%Y-%m-%d %H:%M:%S UTC");
                println!("Held since the restore of {at}: {what}. Send them with `vestibule mail release`, or drop them with `vestibule mail discard`.");
            }
        }
        Ok(())
    })
    .await
}
