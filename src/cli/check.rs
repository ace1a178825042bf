//! `vestibule check`

use super::Failed;
use crate::app::component::plural;
use crate::{config::Config, store::Store};
use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

/// Seconds until the first word of how far it is.
const PATIENCE: u64 = 1;

/// Compares every event with its hash and asks the database what must hold in it. A line for each organization whose
/// events are not as they were written, and for each fault; without any, one that says how much was compared.
pub async fn check(config: &Config) -> Result<ExitCode, Failed> {
    let store = Store::open_existing(&config.database_url()?)
        .await
        .map_err(|error| format!("the database cannot be opened: {error}"))?;
    let (mut events, mut faults) = (0, store.faults().await?);
    let organizations = store.all_organizations().await?;
    let mut progress = Progress::new();
    for (id, slug) in &organizations {
        let verdict = store.verify_chain(*id, |seen| progress.tell(events + seen)).await?;
        events += verdict.count;
        faults.extend(verdict.flaw.map(|flaw| format!("{slug}: {flaw}")));
    }
    progress.clear();
    if faults.is_empty() {
        let (events, organizations) = (words(events, "event"), words(organizations.len() as u64, "organization"));
        println!("ok: {events} of {organizations}");
        return Ok(ExitCode::SUCCESS);
    }
    for fault in faults {
        println!("{fault}");
    }
    Ok(ExitCode::FAILURE)
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

    fn tell(&mut self, events: u64) {
        if self.shows && self.since.elapsed().as_secs() >= PATIENCE {
            (self.said, self.since) = (true, Instant::now());
            _ = write!(std::io::stderr(), "\r{}", words(events, "event"));
        }
    }

    fn clear(&self) {
        if self.said {
            // back to the start of the line, and all of it away
            _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
