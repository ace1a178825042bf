//! SQLite in the thread of its caller: the part of a sqlx driver that the store needs, on rusqlite.
//!
//! sqlx's own driver has a thread for each connection, and a hand-over to it and back for each statement and each row.
//! That takes several times as long as what SQLite does for most statements here. A statement of this driver runs where
//! its future is polled, and the future is ready at the first poll. What takes long leaves the thread to others.

mod arguments;
mod connection;
mod error;
mod options;
mod pace;
mod row;
mod types;

pub use connection::{DirectConnection, pages_in_log};
pub use error::DirectError;
pub use options::DirectOptions;
pub use pace::blocking;
pub use row::DirectRow;

use arguments::DirectArguments;
use connection::{DirectResult, DirectStatement, Transactions};
use row::{DirectColumn, DirectValue, DirectValueRef, Kind};
use rusqlite::types::Value;

/// The database type of this driver.
#[derive(Debug)]
pub struct Direct;

impl sqlx::database::HasStatementCache for Direct {}

impl sqlx::Database for Direct {
    type Connection = DirectConnection;
    type TransactionManager = Transactions;
    type Row = DirectRow;
    type QueryResult = DirectResult;
    type Column = DirectColumn;
    type TypeInfo = Kind;
    type Value = DirectValue;
    type ValueRef<'r> = DirectValueRef<'r>;
    type Arguments = DirectArguments;
    type ArgumentBuffer = Vec<Value>;
    type Statement = DirectStatement;

    const NAME: &'static str = "SQLite in the caller's thread";
    const URL_SCHEMES: &'static [&'static str] = &[];
}

#[cfg(test)]
mod tests;
