//! `vestibule check`

use super::Failed;
use crate::app::component::plural;
use crate::config::Config;
use crate::domain::{OrganizationId, replay::RoleNames};
use crate::secret_key;
use crate::server::OpenRefused;
use crate::store::{
    Store,
    open::{Look, look},
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::{IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};
use uuid::Uuid;

/// Seconds until the first word of how far it is.
const PATIENCE: u64 = 1;
/// Faults that are listed in JSON; all are counted.
const MOST: usize = 10_000;

#[derive(Args)]
pub struct Check {
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Compares every event with its hash, every row with what its events say of it, and asks the database what must hold
    /// in it. A line for each fault; without any, one that says how much was compared. It only reads: a database of
    /// another schema is refused. Without the key the seals on the chains are compared by their numbers alone.
    pub async fn run(self, config: &Config) -> Result<ExitCode, Failed> {
        let url = config.database_url()?;
        let (found, _) = look(&url, Look::Read).await.map_err(OpenRefused::from)?;
        let keys = secret_key::load(config, &url, &found).or_else(|refused| match refused {
            secret_key::KeyRefused::Missing(_) => Ok(None),
            refused => Err(OpenRefused::from(refused)),
        })?;
        let store = Store::open_to_read(&url).await.map_err(OpenRefused::from)?;
        if let Some(keys) = &keys {
            store.seals().know(keys);
        }
        let mut told = Told::new(self.json);
        compare(&store, &mut told).await?;
        store.close().await;
        Ok(told.end(keys.is_some()))
    }
}

async fn compare(store: &Store, told: &mut Told) -> Result<(), Failed> {
    told.slugs = store.all_organizations().await?.into_iter().collect();
    for fault in store.faults().await? {
        told.fault(fault.organization_id, fault.what);
    }
    let mut organizations: Vec<OrganizationId> = told.slugs.keys().copied().collect();
    organizations.sort_unstable();
    // whose events can't be trusted is not compared with them
    let mut roles: HashMap<OrganizationId, RoleNames> = HashMap::new();
    for id in organizations {
        let before = told.events;
        let verdict = store.verify_chain(id, |seen| told.progress.tell(before + seen, "event")).await?;
        told.events += verdict.count;
        match verdict.flaw {
            Some(flaw) => told.fault(Some(id), flaw.to_string()),
            None => {
                let (names, faults) = store.compare_things(id).await?;
                faults.into_iter().for_each(|fault| told.fault(Some(id), fault));
                roles.insert(id, names);
            }
        }
    }
    let (mut rows, mut after) = (0, Some(Uuid::nil()));
    while let Some(id) = after {
        let page = store.compare_invitations(id, &roles).await?;
        after = told.page(page, &mut rows);
    }
    let mut after = Some(Uuid::nil());
    while let Some(id) = after {
        let page = store.compare_members(id, &roles).await?;
        after = told.page(page, &mut rows);
    }
    Ok(())
}

/// What is found, told as it is found.
struct Told {
    json: bool,
    slugs: HashMap<OrganizationId, String>,
    events: u64,
    count: u64,
    listed: Vec<Value>,
    progress: Progress,
}

impl Told {
    fn new(json: bool) -> Self {
        Self { json, slugs: HashMap::new(), events: 0, count: 0, listed: Vec::new(), progress: Progress::new() }
    }

    fn fault(&mut self, of: Option<OrganizationId>, what: String) {
        self.count += 1;
        let slug = of.map(|id| self.slugs.get(&id).cloned().unwrap_or_else(|| id.to_string()));
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

    fn page(&mut self, page: crate::store::Compared, rows: &mut u64) -> Option<Uuid> {
        page.faults.into_iter().for_each(|(of, what)| self.fault(Some(of), what));
        *rows += page.rows;
        self.progress.tell(*rows, "row");
        page.next
    }

    fn end(self, has_key: bool) -> ExitCode {
        self.progress.clear();
        if self.json {
            let seals = if has_key { "compared" } else { "not compared: the key is not here" };
            let told = json!({
                "ok": self.count == 0, "events": self.events, "organizations": self.slugs.len(), "seals": seals,
                "fault_count": self.count, "faults": self.listed,
            });
            println!("{told}");
        } else if self.count == 0 {
            let organizations = words(self.slugs.len() as u64, "organization");
            println!("ok: {} of {organizations}", words(self.events, "event"));
        }
        if !has_key && self.progress.shows {
            eprintln!("The key is not here, so the seals on the ends of the chains were not compared.");
        }
        if self.count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn words(count: u64, noun: &str) -> String {
    plural(count, noun, &format!("{noun}s"))
}

/// How far it is, on one line of a terminal; nothing for a file, and nothing for what is done at once.
struct Progress {
    shows: bool,
    said: bool,
    since: Instant,
}

impl Progress {
    fn new() -> Self {
        Self { shows: std::io::stderr().is_terminal(), said: false, since: Instant::now() }
    }

    fn tell(&mut self, count: u64, noun: &str) {
        if self.shows && self.since.elapsed().as_secs() >= PATIENCE {
            (self.said, self.since) = (true, Instant::now());
            _ = write!(std::io::stderr(), "\r\x1b[K{}", words(count, noun));
        }
    }

    fn clear(&self) {
        if self.said {
            // back to the start of the line, and all of it away
            _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
