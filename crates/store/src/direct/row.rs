//! What a statement returns.

use super::Direct;
use rusqlite::types::Value;
use sqlx::{Column, ColumnIndex, Error, Row, TypeInfo};
use std::{borrow::Cow, fmt, sync::Arc};

/// The kind of a value: SQLite's five storage classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Integer,
    Real,
    Text,
    Blob,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(_) => Self::Integer,
            Value::Real(_) => Self::Real,
            Value::Text(_) => Self::Text,
            Value::Blob(_) => Self::Blob,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TypeInfo for Kind {
    fn is_null(&self) -> bool {
        *self == Self::Null
    }

    fn name(&self) -> &str {
        match self {
            Self::Null => "NULL",
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
        }
    }
}

/// A column of what a statement returns. SQLite's columns have no kind, only their values have.
#[derive(Debug)]
pub struct DirectColumn {
    pub(super) ordinal: usize,
    pub(super) name: Box<str>,
}

impl Column for DirectColumn {
    type Database = Direct;

    fn ordinal(&self) -> usize {
        self.ordinal
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn type_info(&self) -> &Kind {
        &Kind::Null
    }
}

/// A row, with values of its own.
pub struct DirectRow {
    pub(super) columns: Arc<[DirectColumn]>,
    pub(super) values: Box<[Value]>,
}

impl Row for DirectRow {
    type Database = Direct;

    fn columns(&self) -> &[DirectColumn] {
        &self.columns
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<DirectValueRef<'_>, Error> {
        Ok(DirectValueRef(&self.values[index.index(self)?]))
    }
}

sqlx_core::impl_column_index_for_row!(DirectRow);

impl ColumnIndex<DirectRow> for &'_ str {
    fn index(&self, row: &DirectRow) -> Result<usize, Error> {
        let found = row.columns.iter().position(|column| *column.name == **self);
        found.ok_or_else(|| Error::ColumnNotFound((*self).to_owned()))
    }
}

/// A value that is lent by its row.
#[derive(Clone, Copy)]
pub struct DirectValueRef<'r>(pub(super) &'r Value);

impl<'r> sqlx::ValueRef<'r> for DirectValueRef<'r> {
    type Database = Direct;

    fn to_owned(&self) -> DirectValue {
        DirectValue(self.0.clone())
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(Kind::of(self.0))
    }

    fn is_null(&self) -> bool {
        *self.0 == Value::Null
    }
}

/// A value.
pub struct DirectValue(Value);

impl sqlx::Value for DirectValue {
    type Database = Direct;

    fn as_ref(&self) -> DirectValueRef<'_> {
        DirectValueRef(&self.0)
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(Kind::of(&self.0))
    }

    fn is_null(&self) -> bool {
        self.0 == Value::Null
    }
}
