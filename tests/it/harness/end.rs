//! The end of a test: whatever was done, each row agrees with its events, unless somebody wrote past the program.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tempfile::TempDir;
use vestibule_domain::{Clock, ManualClock, token::SigningKeys};
use vestibule_store::{CheckOptions, Findings, Store};

/// What a test leaves behind.
#[derive(Clone)]
pub struct End {
    database_url: String,
    signing_keys: SigningKeys,
    clock: Arc<ManualClock>,
    /// kept until it is looked at
    folder: Arc<TempDir>,
    by_hand: Arc<AtomicBool>,
}

impl End {
    pub fn new(
        database_url: &str,
        signing_keys: &SigningKeys,
        clock: &Arc<ManualClock>,
        folder: &Arc<TempDir>,
    ) -> Self {
        let (database_url, folder) = (database_url.to_owned(), Arc::clone(folder));
        Self {
            database_url,
            signing_keys: signing_keys.clone(),
            clock: Arc::clone(clock),
            folder,
            by_hand: Arc::default(),
        }
    }

    /// The test writes to the database itself, so what is in it need not agree.
    pub fn is_by_hand(&self) {
        self.by_hand.store(true, Ordering::Relaxed);
    }

    /// That `vestibule check` would find nothing.
    pub async fn agrees(&self) {
        if self.by_hand.load(Ordering::Relaxed) {
            return;
        }
        let store = Store::open_to_read(&self.database_url).await.unwrap();
        store.seals().know(&self.signing_keys);
        let mut faults = Faults(Vec::new());
        let options = CheckOptions { now: self.clock.now(), is_full: true };
        store.compare(options, &mut faults).await.unwrap();
        assert!(faults.0.is_empty(), "at the end, in {}: {:#?}", self.folder.path().display(), faults.0);
    }
}

struct Faults(Vec<String>);

impl Findings for Faults {
    fn fault(&mut self, slug: Option<&str>, what: String) {
        self.0.push(format!("{}: {what}", slug.unwrap_or_default()));
    }

    fn seen(&mut self, _: u64, _: &'static str) {}
}
