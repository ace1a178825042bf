//! `vestibule export` and `vestibule erase`: one person's data.

use super::{CliError, cli_error};
use crate::config::Config;
use crate::server;
use clap::Args;
use futures::{StreamExt, pin_mut};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use vestibule_domain::{KeptData, Slug};

/// The number of batches after which the command checks whether the organization is finished.
const BATCHES: u32 = 1_000;

#[derive(Args)]
pub struct Export {
    /// The person's email address.
    email: String,
}

#[derive(Args)]
pub struct Erase {
    /// The person's email address.
    email: String,
    /// Show what is stored, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Don't ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Export {
    /// Writes the document to standard output while it is being read from the database.
    pub async fn run(self, config: &Config) -> Result<(), CliError> {
        let vestibule = Arc::new(server::open(config).await?);
        let pieces = vestibule.personal_data().export_everywhere(&self.email).await.map_err(cli_error)?;
        pin_mut!(pieces);
        let mut out = std::io::stdout().lock();
        while let Some(piece) = pieces.next().await {
            out.write_all(piece.map_err(cli_error)?.as_bytes())?;
        }
        Ok(out.flush()?)
    }
}

impl Erase {
    pub async fn run(self, config: &Config) -> Result<(), CliError> {
        let vestibule = server::open(config).await?;
        let (kept, user) = vestibule.erasure().kept_everywhere(&self.email).await.map_err(cli_error)?;
        if kept.is_empty() && user.is_none() {
            return Err("no data is stored for this email address".into());
        }
        if !self.json {
            print_kept(&self.email, &kept, user.is_some());
        }
        if let Some((slug, _)) = kept.iter().find(|(_, kept)| kept.last_owner) {
            return Err(format!("{slug}: this is the last owner; make someone else an owner there first").into());
        }
        if self.dry_run {
            self.answer(&kept, user.is_some(), None)?;
            return Ok(());
        }
        if !self.yes && !confirmed(&self.email)? {
            return Err("nothing was changed".into());
        }
        let mut pseudonyms = Vec::new();
        for (slug, _) in &kept {
            let scope = vestibule.enter_as_operator(slug.as_str()).await.map_err(cli_error)?;
            let erasure = vestibule.erasure().erase(&scope, &self.email).await.map_err(cli_error)?;
            if !erasure.is_finished && !vestibule.erasure().finish(scope.organization().id, BATCHES).await && !self.json
            {
                println!("{slug}: events are still being erased; `vestibule serve` continues in the background");
            }
            pseudonyms.push((slug.to_string(), erasure.pseudonym));
        }
        let gone = vestibule.erasure().erase_account(&self.email).await.map_err(cli_error)?;
        self.answer(&kept, user.is_some(), Some((&pseudonyms, gone)))?;
        Ok(())
    }

    /// Prints the result. `done` has the pseudonym in each organization, and whether the account no longer exists.
    fn answer(
        &self,
        kept: &[(Slug, KeptData)],
        account: bool,
        done: Option<(&[(String, String)], bool)>,
    ) -> Result<(), CliError> {
        if self.json {
            let pseudonym = |slug: &str| {
                let found = done.and_then(|(names, _)| names.iter().find(|(of, _)| of == slug));
                found.map(|(_, pseudonym)| pseudonym.clone())
            };
            let organizations: Vec<_> = kept
                .iter()
                .map(|(slug, kept)| {
                    serde_json::json!({ "organization": slug, "kept": kept, "pseudonym": pseudonym(slug.as_str()) })
                })
                .collect();
            let account =
                serde_json::json!({ "found": account, "erased": done.is_some_and(|(_, gone)| account && gone) });
            println!("{}", serde_json::json!({ "organizations": organizations, "account": account }));
            return Ok(());
        }
        let Some((pseudonyms, gone)) = done else { return Ok(()) };
        for (slug, pseudonym) in pseudonyms {
            println!("{slug}: now called {pseudonym}");
        }
        if account {
            println!(
                "{}",
                if gone {
                    "The account was deleted."
                } else {
                    "The account will be deleted when the last organization is finished."
                }
            );
        }
        println!("Backups still contain the person until newer ones replace them.");
        Ok(())
    }
}

/// Prints what is stored about the person.
fn print_kept(email: &str, kept: &[(Slug, KeptData)], account: bool) {
    println!("{email} has {} account", if account { "an" } else { "no" });
    for (slug, kept) in kept {
        let member = if kept.member { "member" } else { "not a member" };
        println!(
            "{slug}: {member}, {} invitations, {} sent by them, {} mails, {} events, {} API keys, {} webhooks",
            kept.invitations, kept.invited, kept.mails, kept.events, kept.api_keys, kept.webhooks
        );
    }
}

/// Asks for confirmation on the terminal. Fails if there is none.
fn confirmed(email: &str) -> Result<bool, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err("this can't be undone: confirm with --yes, or run the command in a terminal".into());
    }
    print!("This can't be undone. Type the email address to erase the person: ");
    std::io::stdout().flush()?;
    Ok(super::read_secret()?.trim().eq_ignore_ascii_case(email.trim()))
}
