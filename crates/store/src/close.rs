//! The closing of a store, after which a SQLite file is complete without its log.

use super::{Database, Store, lock::FileLock};
use std::time::Duration;

/// The most time for closing the connections to a server.
const GOODBYE: Duration = Duration::from_secs(2);

impl Store {
    /// Keeps the lock for as long as the store is open, so that no other process serves from this file.
    pub fn keep(&self, lock: Option<FileLock>) {
        *self.lock.lock().expect("nothing panics while it is held") = lock;
    }

    /// Waits for the writes that have begun, folds SQLite's log into the file, and closes all connections. Later
    /// requests are refused.
    pub async fn close(&self) {
        let lock = self.lock.lock().expect("nothing panics while it is held").take();
        match &self.database {
            Database::Sqlite(sqlite) => match sqlite.close().await {
                Ok(true) => lock.into_iter().for_each(FileLock::stopped),
                Ok(false) => {
                    tracing::debug!("Another process has the database open, so the latest writes are in its log")
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "The database's log could not be folded in; keep the -wal file next to it");
                }
            },
            Database::Postgres(pool) => _ = tokio::time::timeout(GOODBYE, pool.close()).await,
        }
    }
}
