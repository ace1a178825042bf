//! The command line: one file for each command.

mod adopt_key;
mod backup;
mod check;
mod exit;
mod health;
mod key;
mod mail;
mod migrate;
mod migrate_db;
mod organization;
mod person;
mod progress;
mod resource;
mod restore;
mod role;
mod seed;
mod serve;
mod signals;
mod user;

use crate::config::Config;
use crate::server;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};
use vestibule_core::service::Vestibule;
use vestibule_domain::Permission;

type CliError = Box<dyn std::error::Error + Send + Sync>;

/// Self-hosted invitations: invite people by email; when they accept, they become members.
#[derive(Parser)]
#[command(name = "vestibule", version)]
struct Arguments {
    /// The settings file. Default: `vestibule.toml`, if it exists.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve the portal and send mail until stopped.
    Serve,
    /// Bring the database up to date and exit. `serve` also does this.
    Migrate,
    /// Check whether the instance on this machine can serve. For container managers.
    Health,
    /// Compare every event with its hash, and every row with what its events say of it.
    Check(check::Check),
    /// Use the current secret key for a database whose own key is lost.
    AdoptKey,
    /// Write everything that is stored about a person, as one JSON document.
    Export(person::Export),
    /// Erase a person everywhere, and replace them with a pseudonym.
    Erase(person::Erase),
    /// Write a backup of the database to a file while the server runs. Keep the secret key in a different place.
    Backup(backup::Backup),
    /// Restore a backup into an empty database. Whatever was waiting to be sent is held.
    Restore(restore::Restore),
    /// Move everything from SQLite to PostgreSQL, or back.
    MigrateDb(migrate_db::MigrateDb),
    /// Send or discard what is held after a restore.
    #[command(subcommand)]
    Mail(mail::Verb),
    /// Create and show organizations.
    #[command(subcommand)]
    Organization(organization::Verb),
    /// Create API keys.
    #[command(subcommand)]
    Key(key::Verb),
    /// List and create roles.
    #[command(subcommand)]
    Role(role::Verb),
    /// Create resources.
    #[command(subcommand)]
    Resource(resource::Verb),
    /// Manage people's accounts.
    #[command(subcommand)]
    User(user::Verb),
    /// Fill an empty database with a demo organization.
    Seed(seed::Seed),
}

/// Parses the arguments, runs the command, and reports a failure in one line.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match run_verb(arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("vestibule: {error}");
            exit::code(error.as_ref())
        }
    }
}

async fn run_verb(arguments: Arguments) -> Result<ExitCode, CliError> {
    let config = Config::load(arguments.config, std::env::vars())?;
    let done = match arguments.verb {
        Verb::Check(check) => return check.run(&config).await,
        Verb::AdoptKey => adopt_key::adopt_key(&config).await,
        Verb::Serve => serve::serve(&config).await,
        Verb::Health => health::health(&config).await,
        Verb::Migrate => migrate::migrate(&config).await,
        Verb::Export(export) => export.run(&config).await,
        Verb::Erase(erase) => erase.run(&config).await,
        Verb::Backup(backup) => backup.run(&config).await,
        Verb::Restore(restore) => restore.run(&config).await,
        Verb::MigrateDb(migrate_db) => migrate_db.run(&config).await,
        Verb::Mail(verb) => mail::run(&config, verb).await,
        Verb::Organization(verb) => organization::run(&config, verb).await,
        Verb::Key(verb) => key::run(&config, verb).await,
        Verb::Role(verb) => role::run(&config, verb).await,
        Verb::Resource(verb) => resource::run(&config, verb).await,
        Verb::User(verb) => user::run(&config, verb).await,
        Verb::Seed(seed) => seed.run(&config).await,
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Opens the installation for one piece of work and closes it afterwards, so that the SQLite file is complete without
/// its log.
async fn opened<T>(config: &Config, work: impl AsyncFnOnce(&Vestibule) -> Result<T, CliError>) -> Result<T, CliError> {
    let vestibule = server::open(config).await?;
    let done = work(&vestibule).await;
    vestibule.close().await;
    done
}

/// Converts an error to a text for the terminal: one line for each wrong field.
fn cli_error(error: vestibule_core::service::Error) -> CliError {
    use vestibule_core::service::{Conflict, Error, NotFound, OrganizationConflict, ResourceConflict, RoleConflict};
    match error {
        Error::Invalid(violations) => {
            let lines: Vec<String> =
                violations.iter().map(|violation| format!("{}: {}", violation.field, violation.sentence)).collect();
            lines.join("\n").into()
        }
        Error::Conflict(Conflict::Organization(OrganizationConflict::SlugTaken)) => {
            "another organization already has this slug; choose another one".into()
        }
        Error::Conflict(Conflict::Role(RoleConflict::KeyTaken)) => {
            "another role already has this key; choose another one".into()
        }
        Error::Conflict(Conflict::Resource(ResourceConflict::ExternalIdTaken)) => {
            "another resource already has this external id; choose another one".into()
        }
        Error::NotFound(NotFound::Person) => "no data is stored for this email address".into(),
        Error::Conflict(Conflict::LastOwner) => {
            "an organization needs at least one owner; make someone else an owner first".into()
        }
        Error::NotFound(NotFound::Organization) => "there is no organization with this slug".into(),
        error @ (Error::Unauthenticated
        | Error::Forbidden(_)
        | Error::NotFound(_)
        | Error::Conflict(_)
        | Error::Closed(_)
        | Error::Rows(_)
        | Error::RateLimited(_)
        | Error::Busy(_)
        | Error::Internal(_)) => Box::new(error),
    }
}

/// Parses `all`, or permissions separated by commas.
fn permissions(text: &str) -> Result<Vec<Permission>, CliError> {
    if text == "all" {
        return Ok(Permission::ALL.to_vec());
    }
    let unknown = |name: &str| {
        let all: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
        CliError::from(format!("there is no permission {name}; choose from {}", all.join(", ")))
    };
    text.split(',').map(str::trim).map(|name| name.parse().map_err(|_| unknown(name))).collect()
}

/// Reads a secret from standard input, without its line ending.
fn read_secret() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
