//! `vestibule role`

use super::{CliError, cli_error, opened, permissions};
use crate::config::Config;
use clap::{Args, Subcommand};
use vestibule_domain::Role;

#[derive(Subcommand)]
pub enum Verb {
    /// List the roles of an organization.
    List(List),
    /// Create a role.
    Create(Create),
}

#[derive(Args)]
pub struct List {
    /// The organization's slug.
    #[arg(long)]
    organization: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Create {
    /// The organization's slug.
    #[arg(long)]
    organization: String,
    /// Lower-case letters, digits, _ and -. It can never be changed.
    #[arg(long)]
    key: String,
    /// The name that people see.
    #[arg(long)]
    name: String,
    /// `all`, or permissions separated by commas, like org.read,org.user.read.
    #[arg(long)]
    permissions: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::List(list) => list.run(config).await,
        Verb::Create(create) => create.run(config).await,
    }
}

impl List {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        opened(config, async |vestibule| {
            let scope = vestibule.enter_as_operator(&self.organization).await.map_err(cli_error)?;
            let roles = vestibule.roles().all(&scope).await.map_err(cli_error)?;
            if self.json {
                println!("{}", serde_json::to_string(&roles.iter().map(json).collect::<Vec<_>>())?);
            } else {
                roles.iter().for_each(|role| println!("{}", line(role)));
            }
            Ok(())
        })
        .await
    }
}

impl Create {
    async fn run(self, config: &Config) -> Result<(), CliError> {
        opened(config, async |vestibule| {
            let scope = vestibule.enter_as_operator(&self.organization).await.map_err(cli_error)?;
            let permissions = permissions(&self.permissions)?;
            let role =
                vestibule.roles().create(&scope, &self.key, &self.name, &permissions).await.map_err(cli_error)?;
            if self.json {
                println!("{}", json(&role));
            } else {
                println!("{}", line(&role));
            }
            Ok(())
        })
        .await
    }
}

fn line(role: &Role) -> String {
    let permissions: Vec<&str> = role.permissions.iter().map(|permission| permission.as_str()).collect();
    format!("{}  {}  {}  {}", role.id, role.key, role.name, permissions.join(","))
}

fn json(role: &Role) -> serde_json::Value {
    serde_json::json!({ "id": role.id, "key": role.key, "name": role.name, "permissions": role.permissions })
}
