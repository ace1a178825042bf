//! `vestibule organization`

use super::{CliError, cli_error, opened, read_secret};
use crate::config::Config;
use clap::{Args, Subcommand};
use vestibule_core::service::SetUp;
use vestibule_domain::{Organization, Origin};

#[derive(Subcommand)]
pub enum Verb {
    /// Create an organization and its first owner.
    Create(Create),
    /// Show an organization and its settings.
    Show(Show),
}

#[derive(Args)]
pub struct Show {
    slug: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Create {
    /// The name that people see.
    #[arg(long)]
    name: String,
    /// The name in URLs: lower-case letters, digits and hyphens. Without it, it is derived from the name.
    #[arg(long, default_value = "")]
    slug: String,
    #[arg(long)]
    owner_email: String,
    #[arg(long)]
    owner_name: String,
    /// Read the owner's password from standard input. Not needed if the email address already has an account.
    #[arg(long)]
    owner_password_stdin: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::Create(create) => create.run(config).await,
        Verb::Show(show) => show.run(config).await,
    }
}

impl Show {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        opened(config, async |vestibule| {
            let scope = vestibule.enter_as_operator(&self.slug).await.map_err(cli_error)?;
            let organization = scope.organization();
            if self.json {
                println!("{}", serde_json::to_string(organization)?);
            } else {
                println!("{}  {}  {}", organization.id, organization.slug, organization.name);
                for (setting, value) in settings(organization) {
                    println!("{setting:<26}{value}");
                }
            }
            Ok(())
        })
        .await
    }
}

/// Returns each setting with its value as text.
fn settings(organization: &Organization) -> [(&'static str, String); 6] {
    let or = |text: String, nothing: &str| if text.is_empty() { nothing.to_owned() } else { text };
    let days = |days: Option<u16>, none: &str| days.map_or_else(|| none.to_owned(), |days| days.to_string());
    let origins: Vec<&str> = organization.redirect_origins.iter().map(Origin::as_str).collect();
    [
        ("invitation_lifetime_days", organization.invitation_lifetime_days.to_string()),
        ("reminder_days", organization.reminder_days.map_or_else(|| "never".to_owned(), |days| days.to_string())),
        ("allowed_domains", or(organization.allowed_domains.join(", "), "any")),
        ("redirect_origins", or(origins.join(", "), "none")),
        ("invitation_retention_days", days(organization.invitation_retention_days, "forever")),
        ("mail_retention_days", days(organization.mail_retention_days, "same as the installation")),
    ]
}

impl Create {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        let password = if self.owner_password_stdin { read_secret()? } else { String::new() };
        opened(config, async |vestibule| {
        let new = SetUp {
            organization: self.name,
            slug: self.slug,
            name: self.owner_name,
            email: self.owner_email,
            password,
        };
        let organization = vestibule.organizations().create(new).await.map_err(cli_error)?;
        let url = vestibule.settings().url(&format!("/o/{}/invitations", organization.slug));
        if self.json {
            println!(
                "{}",
                serde_json::json!({ "id": organization.id, "slug": organization.slug, "name": organization.name, "url": url })
            );
        } else {
            println!("{} is at {url}", organization.name);
        }
        Ok(())
        })
        .await
    }
}
