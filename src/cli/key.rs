//! `vestibule key`

use super::{Failed, permissions, refusal};
use crate::{config::Config, domain::Surface, server, service::NewApiKey};
use chrono::Duration;
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub enum Verb {
    /// Make an API key; its token is printed this once.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// Slug of the organization.
    #[arg(long)]
    organization: String,
    /// The API that it is for: native.
    #[arg(long = "for", default_value = "native")]
    surface: String,
    /// To tell keys apart.
    #[arg(long)]
    name: String,
    /// `all`, or names with commas between, like org.user.read,org.user.invite.
    #[arg(long, default_value = "all")]
    permissions: String,
    /// Days that it works; without it, until it is revoked.
    #[arg(long)]
    expires_in_days: Option<u16>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, verb: Verb) -> Result<(), Failed> {
    match verb {
        Verb::Create(create) => create.run(config).await,
    }
}

impl Create {
    async fn run(self, config: &Config) -> Result<(), Failed> {
        let surface: Surface =
            self.surface.parse().map_err(|()| format!("--for {}: there is no such API", self.surface))?;
        let vestibule = server::open(config).await?;
        let scope = vestibule.enter_as_operator(&self.organization).await.map_err(refusal)?;
        let new = NewApiKey {
            surface,
            name: self.name,
            permissions: permissions(&self.permissions)?,
            expires_at: self.expires_in_days.map(|days| vestibule.now() + Duration::days(i64::from(days))),
        };
        let (key, token) = vestibule.create_api_key(&scope, &new).await.map_err(refusal)?;
        let token = token.as_ref().map_or("", |token| token.as_str());
        if self.json {
            let url = vestibule.settings().url("/api/v1");
            println!("{}", serde_json::json!({ "id": key.id, "name": key.name, "token": token, "url": url }));
        } else {
            println!("{token}");
        }
        Ok(())
    }
}
