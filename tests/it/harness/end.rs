//! The end of a test: whatever was done, each row agrees with its events, unless somebody wrote past the program.

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
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
        if self.database_url.starts_with("sqlite:") {
            words_are_those_of_the_texts(&self.database_url).await;
        }
    }
}

/// That the index of words has what is in the texts, once it has what waits for it, and nothing else.
pub async fn words_are_those_of_the_texts(database_url: &str) {
    let mut file = SqliteConnection::connect(database_url).await.unwrap();
    for (one, many) in [("invitation", "invitations"), ("member", "members"), ("mail", "mails")] {
        let sql = format!(
            "begin immediate;
            insert into _{one}_words (rowid, text) select row, text from _{one}_texts
                where row in (select row from _{many}_to_index);
            delete from _{many}_to_index;
            insert into _{one}_words (_{one}_words, rank) values ('integrity-check', 1);
            commit"
        );
        let checked = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut file).await;
        assert!(checked.is_ok(), "the words of {many} are not those of their texts: {checked:?}");
    }
    file.close().await.unwrap();
}

struct Faults(Vec<String>);

impl Findings for Faults {
    fn fault(&mut self, slug: Option<&str>, what: String) {
        self.0.push(format!("{}: {what}", slug.unwrap_or_default()));
    }

    fn seen(&mut self, _: u64, _: &'static str) {}
}
