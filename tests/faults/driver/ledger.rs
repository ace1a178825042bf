//! What was asked for and what was acknowledged, written down outside the program and synced before each step goes on.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    sync::{Mutex, PoisonError},
};

/// By the key of the request: the id that was acknowledged, or nothing yet.
pub struct Ledger {
    entries: Mutex<BTreeMap<String, Option<String>>>,
    file: Mutex<File>,
}

impl Ledger {
    pub fn new(folder: &std::path::Path) -> Self {
        let file = Mutex::new(File::create(folder.join("ledger")).unwrap());
        Self { entries: Mutex::default(), file }
    }

    pub fn asked(&self, key: &str) {
        self.write(&format!("asked {key}"));
        self.lock().entry(key.to_owned()).or_default();
    }

    pub fn acknowledged(&self, key: &str, id: &str) {
        self.write(&format!("acknowledged {key} {id}"));
        let before = self.lock().insert(key.to_owned(), Some(id.to_owned())).flatten();
        assert!(before.is_none_or(|before| before == id), "{key} was acknowledged as another before");
    }

    /// Every key with the id that was acknowledged for it, if any.
    pub fn entries(&self) -> BTreeMap<String, Option<String>> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Option<String>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").unwrap();
        file.sync_data().unwrap();
    }
}
