//! `vestibule migrate-db`

use super::CliError;
use crate::app::component::plural;
use crate::config::Config;
use crate::secret_key;
use clap::Args;
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};
use vestibule_store::migrate_db::{MigrationProgress, MigrationTotals, MigrationUrls};

/// The time between two lines of progress.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct MigrateDb {
    /// The database to move: sqlite:/path/to/vestibule.db or postgres://user@host/database. Stop everything that uses
    /// it first.
    #[arg(long)]
    from: String,
    /// An empty database of the other kind, or one that an interrupted run has partly filled.
    #[arg(long)]
    to: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl MigrateDb {
    pub async fn run(self, config: &Config) -> Result<(), CliError> {
        let addresses = MigrationUrls::new(&self.from, &self.to)?;
        let signing_keys = secret_key::read(config)?;
        let mut report = MigrationReport { at: Instant::now() };
        let moved = addresses.migrate(signing_keys.as_ref(), |progress| report.show(progress)).await?;
        if self.json {
            println!("{}", as_json(&moved));
            return Ok(());
        }
        for (table, rows, digest) in &moved.tables {
            println!("{table}: {}, checksum {digest} on both sides", plural(*rows, "row", "rows"));
        }
        let (events, organizations) =
            (plural(moved.events, "event", "events"), plural(moved.organizations, "organization", "organizations"));
        println!("ok: {events} of {organizations}");
        if !moved.has_seals {
            println!(
                "There is no key in {}, so the seals at the ends of the chains were not compared.",
                config.secret_key_file().display()
            );
        }
        println!(
            "The old database was not changed. Set VESTIBULE_DATABASE_URL to the new one, and keep using the same key."
        );
        Ok(())
    }
}

fn as_json(moved: &MigrationTotals) -> serde_json::Value {
    let tables: serde_json::Map<_, _> = moved
        .tables
        .iter()
        .map(|(table, rows, digest)| (table.clone(), json!({ "rows": rows, "checksum": digest })))
        .collect();
    json!({
        "tables": tables, "organizations": moved.organizations, "events": moved.events, "seals_compared": moved.has_seals,
    })
}

/// Prints the progress to standard error: a line for each table with rows, and at most one a second while a step takes
/// longer.
struct MigrationReport {
    at: Instant,
}

impl MigrationReport {
    fn show(&mut self, progress: MigrationProgress<'_>) {
        let line = match progress {
            MigrationProgress::Copied { table, rows, of } => {
                // print each table once, when it is finished
                let is_new = of > 0 && rows == of;
                if !is_new && self.at.elapsed() < PATIENCE {
                    return;
                }
                format!("copied {rows} of {of} rows of {table}")
            }
            _ if self.at.elapsed() < PATIENCE => return,
            MigrationProgress::Made { name } => format!("created {name}"),
            MigrationProgress::Compared { table } => format!("compared the rows of {table} on both sides"),
            MigrationProgress::Verified { organization } => format!("verified the events of {organization}"),
        };
        self.at = Instant::now();
        _ = writeln!(std::io::stderr(), "{line}");
    }
}
