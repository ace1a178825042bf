//! One value of a row, as it is read from one database and written to the other.

use super::Table;
use crate::Error;
use serde_json::Value as Json;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;
use vestibule_domain::Instant;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Id,
    Number,
    Flag,
    Text,
    Json,
    Bytes,
    At,
}

#[derive(Clone, Debug)]
pub enum Value {
    Id(Option<Uuid>),
    Number(Option<i64>),
    Flag(Option<bool>),
    Text(Option<String>),
    Json(Option<Json>),
    Bytes(Option<Vec<u8>>),
    At(Option<Instant>),
}

pub type Row = Vec<Value>;

impl ColumnKind {
    /// Returns the kind of a PostgreSQL type, or `None` for one that no table of ours has.
    pub fn of(data_type: &str) -> Option<Self> {
        Some(match data_type {
            "uuid" => Self::Id,
            "bigint" => Self::Number,
            "boolean" => Self::Flag,
            "text" => Self::Text,
            "jsonb" => Self::Json,
            "bytea" => Self::Bytes,
            "timestamp with time zone" => Self::At,
            _ => return None,
        })
    }

    /// Returns the PostgreSQL type for a list of these values.
    pub fn list(self) -> &'static str {
        match self {
            Self::Id => "uuid[]",
            Self::Number => "bigint[]",
            Self::Flag => "boolean[]",
            Self::Text => "text[]",
            Self::Json => "jsonb[]",
            Self::Bytes => "bytea[]",
            Self::At => "timestamptz[]",
        }
    }
}

macro_rules! read_row {
    ($table:expr, $row:expr, $json:expr) => {
        $table.columns.iter().enumerate().map(|(at, column)| {
            Ok(match column.kind {
                ColumnKind::Id => Value::Id($row.try_get(at)?),
                ColumnKind::Number => Value::Number($row.try_get(at)?),
                ColumnKind::Flag => Value::Flag($row.try_get(at)?),
                ColumnKind::Text => Value::Text($row.try_get(at)?),
                ColumnKind::Json => Value::Json($json($row, at)?),
                ColumnKind::Bytes => Value::Bytes($row.try_get(at)?),
                ColumnKind::At => Value::At($row.try_get(at)?),
            })
        })
    };
}

impl Table {
    pub fn of_server(&self, row: &PgRow) -> Result<Row, Error> {
        let json = |row: &PgRow, at: usize| row.try_get::<Option<Json>, _>(at);
        read_row!(self, row, json).collect()
    }

    pub fn of_file(&self, row: &SqliteRow) -> Result<Row, Error> {
        let json = |row: &SqliteRow, at: usize| {
            let text: Option<String> = row.try_get(at)?;
            text.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| Error::Decode(error.into()))
        };
        read_row!(self, row, json).collect()
    }
}

/// Binds a value to a query of either database. SQLite stores JSON as text.
macro_rules! bind {
    ($query:expr, $value:expr, $json:expr) => {
        match $value {
            Value::Id(id) => $query.bind(id),
            Value::Number(number) => $query.bind(number),
            Value::Flag(flag) => $query.bind(flag),
            Value::Text(text) => $query.bind(text),
            Value::Json(json) => $query.bind($json(json)),
            Value::Bytes(bytes) => $query.bind(bytes),
            Value::At(at) => $query.bind(at),
        }
    };
}
pub(super) use bind;
