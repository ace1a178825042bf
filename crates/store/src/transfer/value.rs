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
    ($table:expr, $row:expr, $json:expr, $at:expr) => {
        $table.columns.iter().enumerate().map(|(at, column)| {
            Ok(match column.kind {
                ColumnKind::Id => Value::Id($row.try_get(at)?),
                ColumnKind::Number => Value::Number($row.try_get(at)?),
                ColumnKind::Flag => Value::Flag($row.try_get(at)?),
                ColumnKind::Text => Value::Text($row.try_get(at)?),
                ColumnKind::Json => Value::Json($json($row, at)?),
                ColumnKind::Bytes => Value::Bytes($row.try_get(at)?),
                ColumnKind::At => Value::At($at($row, at)?),
            })
        })
    };
}

impl Table {
    pub fn of_server(&self, row: &PgRow) -> Result<Row, Error> {
        let json = |row: &PgRow, at: usize| row.try_get::<Option<Json>, _>(at);
        let moment = |row: &PgRow, at: usize| row.try_get::<Option<Instant>, _>(at);
        read_row!(self, row, json, moment).collect()
    }

    pub fn of_file(&self, row: &SqliteRow) -> Result<Row, Error> {
        let json = |row: &SqliteRow, at: usize| {
            let text: Option<String> = row.try_get(at)?;
            text.map(|text| serde_json::from_str(&text)).transpose().map_err(|error| Error::Decode(error.into()))
        };
        let moment = |row: &SqliteRow, at: usize| {
            let micros: Option<i64> = row.try_get(at)?;
            micros.map(moment_of).transpose()
        };
        read_row!(self, row, json, moment).collect()
    }
}

/// Returns the moment that SQLite stores as this number of microseconds since 1970.
pub fn moment_of(micros: i64) -> Result<Instant, Error> {
    Instant::from_timestamp_micros(micros).ok_or_else(|| Error::Decode(format!("{micros} is no moment").into()))
}

/// Binds a value to a query of either database. SQLite stores JSON as text, and moments as numbers.
macro_rules! bind {
    ($query:expr, $value:expr, file) => {
        bind!($query, $value, |json: Option<Json>| json.map(|json| json.to_string()), |at: Option<Instant>| {
            at.map(|at| at.timestamp_micros())
        })
    };
    ($query:expr, $value:expr, server) => {
        bind!($query, $value, |json| json, |at| at)
    };
    ($query:expr, $value:expr, $json:expr, $at:expr) => {
        match $value {
            Value::Id(id) => $query.bind(id),
            Value::Number(number) => $query.bind(number),
            Value::Flag(flag) => $query.bind(flag),
            Value::Text(text) => $query.bind(text),
            Value::Json(json) => $query.bind($json(json)),
            Value::Bytes(bytes) => $query.bind(bytes),
            Value::At(at) => $query.bind($at(at)),
        }
    };
}
pub(super) use bind;
