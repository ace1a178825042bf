//! `vestibule resource`

use super::{Failed, opened, refusal};
use crate::config::Config;
use clap::{Args, Subcommand};
use vestibule_core::service::ResourceEdit;

#[derive(Subcommand)]
pub enum Verb {
    /// Make a resource that invitations may be limited to.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// Slug of the organization.
    #[arg(long)]
    organization: String,
    /// As people read it.
    #[arg(long)]
    name: String,
    /// The organization's own id for it.
    #[arg(long)]
    external_id: Option<String>,
    /// Like com.example.app.
    #[arg(long)]
    bundle_id: Option<String>,
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
        opened(config, async |vestibule| {
            let scope = vestibule.enter_as_operator(&self.organization).await.map_err(refusal)?;
            let new = ResourceEdit { name: Some(self.name), external_id: self.external_id, bundle_id: self.bundle_id };
            let resource = vestibule.create_resource(&scope, &new).await.map_err(refusal)?;
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
