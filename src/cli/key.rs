//! `vestibule key`

use super::{CliError, cli_error, opened, permissions};
use crate::config::Config;
use chrono::Duration;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use vestibule_core::service::{NewApiKey, Vestibule};
use vestibule_domain::Surface;
use vestibule_web::vendor::{Connection, Credential};

#[derive(Subcommand)]
pub enum Verb {
    /// Create an API key. Its token is printed only once.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// The organization's slug. Optional if there is only one organization.
    #[arg(long)]
    organization: Option<String>,
    /// The API that the key is for: native, adobe, appstoreconnect, clerk, clickhouse or snyk.
    #[arg(long = "for", default_value = "native")]
    surface: String,
    /// A name to tell keys apart. Without it, the key is named after its API.
    #[arg(long)]
    name: Option<String>,
    /// `all`, or permissions separated by commas, like org.user.read,org.user.invite.
    #[arg(long, default_value = "all")]
    permissions: String,
    /// The number of days for which the key works. Without it, until it is revoked.
    #[arg(long)]
    expires_in_days: Option<u16>,
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
        let surface: Surface = self
            .surface
            .parse()
            .map_err(|_| format!("--for {}: there is no such API. See `vestibule key create --help`", self.surface))?;
        opened(config, async |vestibule| {
            let slug = match &self.organization {
                Some(slug) => slug.clone(),
                None => only_organization(vestibule).await?,
            };
            let scope = vestibule.enter_as_operator(&slug).await.map_err(cli_error)?;
            let vendor = vestibule_facades::vendors().find(|vendor| vendor.surface == surface);
            let called = vendor.map_or("API", |vendor| vendor.name);
            let new = NewApiKey {
                surface,
                name: self.name.clone().unwrap_or_else(|| called.to_owned()),
                permissions: permissions(&self.permissions)?,
                expires_at: self.expires_in_days.map(|days| vestibule.now() + Duration::days(i64::from(days))),
            };
            let (key, token) = vestibule.api_keys().create(&scope, &new).await.map_err(cli_error)?;
            let token = token.as_ref().map_or("", |token| token.as_str());
            match vendor {
                Some(vendor) => {
                    let person = vestibule.members().first_owner(&scope).await.map_err(cli_error)?;
                    let (access_token, _) = vestibule.api_keys().access_token(&key);
                    let connection = Connection {
                        organization: scope.organization(),
                        key: &key,
                        token,
                        access_token: access_token.as_str(),
                        person: person.map(|owner| owner.user_id),
                    };
                    self.print((vendor.credentials)(&connection));
                }
                None if self.json => {
                    let url = vestibule.settings().url("/api/v1");
                    println!("{}", json!({ "id": key.id, "name": key.name, "token": token, "url": url }));
                }
                None => println!("{token}"),
            }
            Ok(())
        })
        .await
    }

    fn print(&self, credentials: Vec<Credential>) {
        if self.json {
            let map: Map<_, _> = credentials
                .into_iter()
                .map(|credential| (credential.name.to_owned(), credential.value.into()))
                .collect();
            println!("{}", Value::Object(map));
            return;
        }
        for credential in credentials {
            println!("{:<28}{}", credential.label, credential.value);
        }
    }
}

async fn only_organization(vestibule: &Vestibule) -> Result<String, CliError> {
    let slugs = vestibule.organizations().slugs().await.map_err(cli_error)?;
    match &slugs[..] {
        [slug] => Ok(slug.to_string()),
        [] => Err("there is no organization yet; create one with `vestibule organization create`".into()),
        _ => Err("there are several organizations; choose one with --organization".into()),
    }
}
