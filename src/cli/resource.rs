//! `vestibule resource`

use super::{CliError, cli_error, opened};
use crate::config::Config;
use clap::{Args, Subcommand};
use vestibule_core::service::ResourceEdit;

#[derive(Subcommand)]
pub enum Verb {
    /// Create a resource that invitations can be limited to.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// The organization's slug.
    #[arg(long)]
    organization: String,
    /// The name that people see.
    #[arg(long)]
    name: String,
    /// The organization's own id for the resource.
    #[arg(long)]
    external_id: Option<String>,
    /// The bundle id of an app, like com.example.app.
    #[arg(long)]
    bundle_id: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::Create(create) => create.run(config).await,
    }
}

impl Create {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        opened(config, async |vestibule| {
            let scope = vestibule.enter_as_operator(&self.organization).await.map_err(cli_error)?;
            let new = ResourceEdit { name: Some(self.name), external_id: self.external_id, bundle_id: self.bundle_id };
            let resource = vestibule.resources().create(&scope, &new).await.map_err(cli_error)?;
            if self.json {
                println!(
                    "{}",
                    serde_json::json!({
                        "id": resource.id,
                        "name": resource.name,
                        "external_id": resource.external_id,
                        "bundle_id": resource.bundle_id,
                    })
                );
            } else {
                println!("{}  {}", resource.id, resource.name);
            }
            Ok(())
        })
        .await
    }
}
