//! The checksum of a table, which is the same in both databases if every value is.

use super::value::{Row, Value};
use super::{Table, Way};
use crate::Error;
use futures::TryStreamExt;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use std::fmt;

/// The number of rows, and the sum of their SHA-256 hashes as numbers of 256 bits. It does not depend on the order of
/// the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    pub rows: u64,
    sum: [u8; 32],
}

impl Digest {
    fn add(&mut self, row: &Row) {
        let mut text = Vec::new();
        row.iter().for_each(|value| write(&mut text, value));
        let hash: [u8; 32] = Sha256::digest(&text).into();
        let mut carry = 0;
        for (byte, other) in self.sum.iter_mut().zip(hash).rev() {
            let sum = u16::from(*byte) + u16::from(other) + carry;
            [_, *byte] = sum.to_be_bytes();
            carry = sum >> 8;
        }
        self.rows += 1;
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sum.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

pub async fn digest_of_file(file: &mut SqliteConnection, table: &Table) -> Result<Digest, Error> {
    let mut digest = Digest::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select(Way::ToServer, false))).fetch(file);
    while let Some(row) = rows.try_next().await? {
        digest.add(&table.of_file(&row)?);
    }
    Ok(digest)
}

pub async fn digest_of_server(server: &mut PgConnection, table: &Table) -> Result<Digest, Error> {
    let mut digest = Digest::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select(Way::ToFile, false))).fetch(server);
    while let Some(row) = rows.try_next().await? {
        digest.add(&table.of_server(&row)?);
    }
    Ok(digest)
}

/// Appends the value, preceded by its length, so that no two rows have the same text.
fn write(text: &mut Vec<u8>, value: &Value) {
    let bytes = match value {
        Value::Id(id) => id.map(|id| id.as_bytes().to_vec()),
        Value::Number(number) => number.map(|number| number.to_be_bytes().to_vec()),
        Value::Flag(flag) => flag.map(|flag| vec![u8::from(flag)]),
        Value::Text(text) => text.as_ref().map(|text| text.as_bytes().to_vec()),
        Value::Json(json) => json.as_ref().map(|json| canonical(json).into_bytes()),
        Value::Bytes(bytes) => bytes.clone(),
        Value::At(at) => at.map(|at| at.timestamp_micros().to_be_bytes().to_vec()),
    };
    match bytes {
        Some(bytes) => {
            text.push(1);
            text.extend((bytes.len() as u64).to_be_bytes());
            text.extend(bytes);
        }
        None => text.push(0),
    }
}

/// Returns the JSON with sorted names and normalized numbers, because PostgreSQL keeps neither as they were written.
fn canonical(json: &Json) -> String {
    match json {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            let fields: Vec<String> = fields
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Json::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (None, None, Some(float)) => format!("{:e}", float + 0.0),
            _ => number.to_string(),
        },
        Json::Null | Json::Bool(_) | Json::String(_) => json.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_count_and_every_value_does() {
        let row = |number, text: Option<&str>| vec![Value::Number(Some(number)), Value::Text(text.map(str::to_owned))];
        let of = |rows: &[Row]| {
            let mut digest = Digest::default();
            rows.iter().for_each(|row| digest.add(row));
            digest
        };
        let (one, two) = (row(1, Some("a")), row(2, None));
        assert_eq!(of(&[one.clone(), two.clone()]), of(&[two.clone(), one.clone()]));
        assert_ne!(of(&[one.clone(), two]), of(&[one.clone(), row(2, Some(""))]));
        assert_ne!(of(std::slice::from_ref(&one)), of(&[one.clone(), one]));
    }

    #[test]
    fn json_is_the_same_however_it_is_written() {
        let of = |text: &str| canonical(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"b": [1, 2.50], "a": -0.0}"#), of(r#"{"a":0.0,"b":[1,2.5]}"#));
        assert_ne!(of(r#"{"a":1}"#), of(r#"{"a":"1"}"#));
    }
}
