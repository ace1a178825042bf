//! `vestibule check`

use super::CliError;
use super::progress::ProgressLine;
use crate::app::component::plural;
use crate::config::Config;
use crate::secret_key;
use crate::server::OpenError;
use clap::Args;
use serde_json::{Value, json};
use std::process::ExitCode;
use vestibule_domain::{Clock, SystemClock};
use vestibule_store::{
    CheckOptions, Findings, Store, Totals,
    open::{InspectFor, inspect},
};

/// The largest number of faults that JSON output lists. All of them are counted.
const MOST: usize = 10_000;

#[derive(Args)]
pub struct Check {
    /// Also check every page and index entry of a SQLite file. Takes many times as long.
    #[arg(long)]
    full: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Compares every event with its hash and every row with what its events say of it, and checks the database's own
    /// constraints. Prints a line for each fault, or, without any, how much was compared. It only reads, so it refuses
    /// a database with another schema. Without the key, only the numbers of the chains' seals are compared.
    pub async fn run(self, config: &Config) -> Result<ExitCode, CliError> {
        let url = config.database_url()?;
        let (found, _) = inspect(&url, InspectFor::Read).await.map_err(OpenError::from)?;
        let signing_keys = secret_key::load(config, &url, &found).or_else(|refused| match refused {
            secret_key::KeyError::Missing(_) => Ok(None),
            refused => Err(OpenError::from(refused)),
        })?;
        let store = Store::open_to_read(&url).await.map_err(OpenError::from)?;
        if let Some(signing_keys) = &signing_keys {
            store.seals().know(signing_keys);
        }
        let mut report = CheckReport::new(self.json);
        let options = CheckOptions { now: SystemClock.now(), is_full: self.full };
        let compared = store.compare(options, &mut report).await;
        store.close().await;
        Ok(report.end(compared?, signing_keys.is_some()))
    }
}

/// Prints faults as they are found, or collects them for JSON.
struct CheckReport {
    json: bool,
    count: u64,
    listed: Vec<Value>,
    progress: ProgressLine,
}

impl Findings for CheckReport {
    fn fault(&mut self, slug: Option<&str>, what: String) {
        self.count += 1;
        if self.json {
            if self.listed.len() < MOST {
                self.listed.push(json!({ "organization": slug, "what": what }));
            }
            return;
        }
        self.progress.clear();
        match slug {
            Some(slug) => println!("{slug}: {what}"),
            None => println!("{what}"),
        }
    }

    fn seen(&mut self, count: u64, noun: &'static str) {
        self.progress.show(|| words(count, noun));
    }
}

impl CheckReport {
    fn new(json: bool) -> Self {
        Self { json, count: 0, listed: Vec::new(), progress: ProgressLine::new() }
    }

    fn end(self, totals: Totals, has_key: bool) -> ExitCode {
        self.progress.clear();
        if self.json {
            let seals = if has_key { "compared" } else { "not compared: the key is not here" };
            let totals = json!({
                "ok": self.count == 0, "events": totals.events, "organizations": totals.organizations, "seals": seals,
                "fault_count": self.count, "faults": self.listed,
            });
            println!("{totals}");
        } else if self.count == 0 {
            println!("ok: {} of {}", words(totals.events, "event"), words(totals.organizations, "organization"));
        }
        if !has_key && self.progress.shows {
            eprintln!("There is no secret key, so the seals at the ends of the chains were not compared.");
        }
        if self.count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn words(count: u64, noun: &str) -> String {
    plural(count, noun, &format!("{noun}s"))
}
