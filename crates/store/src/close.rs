//! The end of a store, so that a SQLite file alone is whole.

use super::{Database, Store, lock::FileLock};
use std::time::Duration;

/// How long connections to a server may take for their goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

impl Store {
    /// Keeps the lock for as long as the store is open: nobody else serves from this file.
    pub fn keep(&self, lock: Option<FileLock>) {
        *self.lock.lock().expect("nothing panics while it is held") = lock;
    }

    /// Waits for the writes that have begun, folds SQLite's log into the file, and closes all connections. What is asked
    /// later is refused.
    pub async fn close(&self) {
        let lock = self.lock.lock().expect("nothing panics while it is held").take();
        match &self.database {
            Database::Sqlite(sqlite) => match sqlite.close().await {
                Ok(true) => lock.into_iter().for_each(FileLock::stopped),
                Ok(false) => {
                    tracing::debug!("another process has the database open: what was written last is in its log")
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "The database's log could not be folded in; keep the -wal file beside it");
                }
            },
            Database::Postgres(pool) => _ = tokio::time::timeout(GOODBYE, pool.close()).await,
        }
    }
}
