//! The command line: one file for each verb.

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

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Self-hosted invitations: invite people by e-mail, they accept, they are members.
#[derive(Parser)]
#[command(name = "vestibule", version)]
struct Arguments {
    /// The settings file; without it `vestibule.toml` is read if it is there.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve the portal and send mail, until stopped.
    Serve,
    /// Bring the database up to date and stop. `serve` does it too.
    Migrate,
    /// Ask the instance that runs here whether it can serve: for container managers.
    Health,
    /// Compare every event with its hash, and every row with what its events say of it.
    Check(check::Check),
    /// Go on with the secret key that is there, where the one that the database was used with is lost.
    AdoptKey,
    /// Write all that is kept on a person, as one JSON document.
    Export(person::Export),
    /// Erase a person from everything that is kept. A pseudonym stands in their place.
    Erase(person::Erase),
    /// Write a backup of the database to a file, while the server runs. Keep the key apart from it.
    Backup(backup::Backup),
    /// Put a backup into an empty database. What waited to be sent is held.
    Restore(restore::Restore),
    /// Move everything from SQLite to PostgreSQL, or back.
    MigrateDb(migrate_db::MigrateDb),
    /// Send or discard what is held after a restore.
    #[command(subcommand)]
    Mail(mail::Verb),
    /// Work on organizations.
    #[command(subcommand)]
    Organization(organization::Verb),
    /// Work on API keys.
    #[command(subcommand)]
    Key(key::Verb),
    /// Work on roles.
    #[command(subcommand)]
    Role(role::Verb),
    /// Work on resources.
    #[command(subcommand)]
    Resource(resource::Verb),
    /// Work on people's accounts.
    #[command(subcommand)]
    User(user::Verb),
    /// Fill an empty database with a lived-in demo organization.
    Seed(seed::Seed),
}

/// Parses the arguments, runs the verb, and says in one line what failed.
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

async fn run_verb(arguments: Arguments) -> Result<ExitCode, Failed> {
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

/// Opens the installation for one piece of work, and closes it afterwards, so that a SQLite file alone is whole.
async fn opened<T>(config: &Config, work: impl AsyncFnOnce(&Vestibule) -> Result<T, Failed>) -> Result<T, Failed> {
    let vestibule = server::open(config).await?;
    let done = work(&vestibule).await;
    vestibule.close().await;
    done
}

/// What went wrong with an input, one line for each field.
fn refusal(error: vestibule_core::service::Error) -> Failed {
    use vestibule_core::service::{Conflict, Error, Missing};
    match error {
        Error::Invalid(violations) => {
            let lines: Vec<String> =
                violations.iter().map(|violation| format!("{}: {}", violation.field, violation.sentence)).collect();
            lines.join("\n").into()
        }
        Error::Conflict(Conflict::SlugTaken) => "an organization has this slug already; choose another".into(),
        Error::Conflict(Conflict::RoleKeyTaken) => "a role has this key already; choose another".into(),
        Error::Conflict(Conflict::ExternalIdTaken) => "a resource has this external id already; choose another".into(),
        Error::Missing(Missing::Person) => "nothing is kept on this address".into(),
        Error::Conflict(Conflict::LastOwner) => {
            "an organization keeps an owner; make somebody else an owner first".into()
        }
        Error::Missing(Missing::Organization) => "there is no organization with this slug".into(),
        error @ (Error::Unauthenticated
        | Error::Forbidden(_)
        | Error::Missing(_)
        | Error::Conflict(_)
        | Error::Closed(_)
        | Error::Rows(_)
        | Error::RateLimited(_)
        | Error::Busy(_)
        | Error::Internal(_)) => Box::new(error),
    }
}

/// `all`, or names with commas between.
fn permissions(text: &str) -> Result<Vec<Permission>, Failed> {
    if text == "all" {
        return Ok(Permission::ALL.to_vec());
    }
    let unknown = |name: &str| {
        let all: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
        Failed::from(format!("{name} is no permission; there are {}", all.join(", ")))
    };
    text.split(',').map(str::trim).map(|name| name.parse().map_err(|()| unknown(name))).collect()
}

/// A secret from standard input, without its line end.
fn read_secret() -> Result<String, Failed> {
    let mut text = String::new();
    std::io::stdin().read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
