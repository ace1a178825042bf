//! How a file is opened.

use super::{DirectConnection, blocking, error};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use sqlx::{ConnectOptions, Error};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};
use url::Url;

/// The most statements that a connection keeps prepared.
const PREPARED: usize = 100;

/// How to open a database's file.
#[derive(Clone, Debug)]
pub struct DirectOptions {
    path: PathBuf,
    is_read_only: bool,
    is_still: bool,
    busy_timeout: Duration,
    pragmas: Vec<(&'static str, &'static str)>,
}

impl DirectOptions {
    /// Returns the options for this file, which must exist. `busy_timeout` is the most time to wait for another
    /// process that writes.
    pub fn of(path: &Path, busy_timeout: Duration) -> Self {
        Self { path: path.to_owned(), is_read_only: false, is_still: false, busy_timeout, pragmas: Vec::new() }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sets the most time to wait for another process that writes.
    #[must_use]
    pub fn busy_timeout(self, busy_timeout: Duration) -> Self {
        Self { busy_timeout, ..self }
    }

    /// Opens the file to only read it.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { is_read_only: true, ..self }
    }

    /// Sets whether nobody else has the file open, so that it is read without its log and without locks.
    #[must_use]
    pub fn still(self, is_still: bool) -> Self {
        Self { is_still, ..self }
    }

    /// Sets the pragma on each connection.
    #[must_use]
    pub fn pragma(mut self, name: &'static str, value: &'static str) -> Self {
        self.pragmas.push((name, value));
        self
    }

    /// Opens a connection, in this thread.
    pub fn open(&self) -> Result<DirectConnection, Error> {
        self.connection().and_then(DirectConnection::new).map_err(error::of)
    }

    fn connection(&self) -> rusqlite::Result<Connection> {
        let access =
            if self.is_read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(self.address()?.as_str(), flags)?;
        connection.busy_timeout(self.busy_timeout)?;
        // otherwise SQLite prepares a statement again whenever a parameter has another value
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        for (name, value) in &self.pragmas {
            connection.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(nothing_answered)?;
        }
        Ok(connection)
    }

    fn address(&self) -> rusqlite::Result<Url> {
        let path = std::path::absolute(&self.path).ok().and_then(|path| Url::from_file_path(path).ok());
        let mut address = path.ok_or_else(|| rusqlite::Error::InvalidPath(self.path.clone()))?;
        if self.is_still {
            address.set_query(Some("immutable=1"));
        }
        Ok(address)
    }
}

/// Some pragmas answer with what they are set to, and others don't.
fn nothing_answered(error: rusqlite::Error) -> rusqlite::Result<()> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        error => Err(error),
    }
}

impl ConnectOptions for DirectOptions {
    type Connection = DirectConnection;

    fn from_url(_: &Url) -> Result<Self, Error> {
        Err(no_address())
    }

    async fn connect(&self) -> Result<DirectConnection, Error> {
        blocking(|| self.open())
    }

    fn log_statements(self, _: log::LevelFilter) -> Self {
        self
    }

    fn log_slow_statements(self, _: log::LevelFilter, _: Duration) -> Self {
        self
    }
}

impl FromStr for DirectOptions {
    type Err = Error;

    fn from_str(_: &str) -> Result<Self, Error> {
        Err(no_address())
    }
}

fn no_address() -> Error {
    Error::Configuration("a file of this driver has no address".into())
}
