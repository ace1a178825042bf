//! What a statement returns.

use super::Direct;
use rusqlite::types::ValueRef;
use sqlx::{Column, ColumnIndex, Error, Row, TypeInfo};
use std::{
    borrow::Cow,
    fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The kind of a value: SQLite's five storage classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Integer,
    Real,
    Text,
    Blob,
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

/// A value. Those with a length are a part of the bytes of all values beside it.
#[derive(Clone)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Range<usize>),
    Blob(Range<usize>),
}

impl Cell {
    /// Makes a cell of the value, and adds its bytes to these.
    fn of(value: ValueRef<'_>, bytes: &mut Vec<u8>) -> Self {
        let mut add = |part: &[u8]| {
            let start = bytes.len();
            bytes.extend_from_slice(part);
            start..bytes.len()
        };
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(add(text)),
            ValueRef::Blob(blob) => Self::Blob(add(blob)),
        }
    }

    fn value<'b>(&self, bytes: &'b [u8]) -> DirectValueRef<'b> {
        DirectValueRef(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(part) => ValueRef::Text(&bytes[part.clone()]),
            Self::Blob(part) => ValueRef::Blob(&bytes[part.clone()]),
        })
    }
}

/// All that a statement has returned, in one piece.
pub(super) struct Found {
    columns: Arc<[DirectColumn]>,
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

impl Found {
    pub(super) fn with(columns: Arc<[DirectColumn]>) -> Self {
        Self { columns, cells: Vec::new(), bytes: Vec::new() }
    }

    /// Adds what the statement returns as its next row.
    pub(super) fn add(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        self.cells.reserve(self.columns.len());
        for at in 0..self.columns.len() {
            self.cells.push(Cell::of(row.get_ref(at)?, &mut self.bytes));
        }
        Ok(())
    }

    pub(super) fn rows(self) -> Vec<DirectRow> {
        let width = self.columns.len().max(1);
        let count = self.cells.len() / width;
        let found = Arc::new(self);
        (0..count)
            .map(|at| DirectRow { found: Arc::clone(&found), first: at * width, next: AtomicUsize::new(0) })
            .collect()
    }
}

/// A row of what a statement has returned.
pub struct DirectRow {
    found: Arc<Found>,
    /// The place of its first cell.
    first: usize,
    /// The column after the last one that somebody has asked for by its name: most ask for one after the other.
    next: AtomicUsize,
}

impl Row for DirectRow {
    type Database = Direct;

    fn columns(&self) -> &[DirectColumn] {
        &self.found.columns
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<DirectValueRef<'_>, Error> {
        Ok(self.found.cells[self.first + index.index(self)?].value(&self.found.bytes))
    }
}

sqlx_core::impl_column_index_for_row!(DirectRow);

impl ColumnIndex<DirectRow> for &'_ str {
    fn index(&self, row: &DirectRow) -> Result<usize, Error> {
        let columns = row.columns();
        let next = row.next.load(Ordering::Relaxed).min(columns.len());
        let found = (next..columns.len()).chain(0..next).find(|at| *columns[*at].name == **self);
        let found = found.ok_or_else(|| Error::ColumnNotFound((*self).to_owned()))?;
        row.next.store(found + 1, Ordering::Relaxed);
        Ok(found)
    }
}

/// A value that is lent by its row.
#[derive(Clone, Copy)]
pub struct DirectValueRef<'r>(pub(super) ValueRef<'r>);

impl DirectValueRef<'_> {
    fn kind(self) -> Kind {
        match self.0 {
            ValueRef::Null => Kind::Null,
            ValueRef::Integer(_) => Kind::Integer,
            ValueRef::Real(_) => Kind::Real,
            ValueRef::Text(_) => Kind::Text,
            ValueRef::Blob(_) => Kind::Blob,
        }
    }
}

impl<'r> sqlx::ValueRef<'r> for DirectValueRef<'r> {
    type Database = Direct;

    fn to_owned(&self) -> DirectValue {
        let mut bytes = Vec::new();
        DirectValue { cell: Cell::of(self.0, &mut bytes), bytes }
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(self.kind())
    }

    fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }
}

/// A value by itself.
pub struct DirectValue {
    cell: Cell,
    bytes: Vec<u8>,
}

impl sqlx::Value for DirectValue {
    type Database = Direct;

    fn as_ref(&self) -> DirectValueRef<'_> {
        self.cell.value(&self.bytes)
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(self.as_ref().kind())
    }

    fn is_null(&self) -> bool {
        self.as_ref().kind() == Kind::Null
    }
}
