//! `vestibule user`

use super::{CliError, cli_error, opened};
use crate::config::Config;
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub enum Verb {
    /// Print a link to choose a new password, for someone who can't receive email.
    PasswordLink(PasswordLink),
}

#[derive(Args)]
pub struct PasswordLink {
    /// The email address that the person signs in with.
    email: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::PasswordLink(link) => link.run(config).await,
    }
}

impl PasswordLink {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        opened(config, async |vestibule| {
            let link = vestibule.sessions().password_link_for(&self.email).await.map_err(cli_error)?;
            let (url, until) = link.ok_or("there is no account with this email address")?;
            if self.json {
                println!("{}", serde_json::json!({ "url": url, "expires_at": until }));
            } else {
                println!("{url}");
                println!("It works once, until {}. Only give it to the owner of the account.", until.to_rfc3339());
            }
            Ok(())
        })
        .await
    }
}
