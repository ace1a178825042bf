//! How Rust's values are stored: as sqlx's own driver for SQLite stores them, which opens the same files. Only moments are
//! numbers here, and texts there.

use super::{Direct, Kind, row::DirectValueRef};
use chrono::{DateTime, Utc};
use rusqlite::types::{Value, ValueRef};
use serde::{Deserialize, Serialize};
use sqlx::{Decode, Encode, Type, encode::IsNull, error::BoxDynError, types::Json};
use uuid::Uuid;

type Encoded = Result<IsNull, BoxDynError>;

/// Stores each of these types as this kind. The first closure makes the value, and the second reads it.
macro_rules! stored {
    ($kind:ident: $($type:ty, $write:expr, $read:expr;)*) => {$(
        impl Type<Direct> for $type {
            fn type_info() -> Kind {
                Kind::$kind
            }
        }

        impl Encode<'_, Direct> for $type {
            fn encode_by_ref(&self, buffer: &mut Vec<Value>) -> Encoded {
                let write: fn(&$type) -> _ = $write;
                buffer.push(Value::$kind(write(self)));
                Ok(IsNull::No)
            }
        }

        impl Decode<'_, Direct> for $type {
            fn decode(value: DirectValueRef<'_>) -> Result<Self, BoxDynError> {
                match value.0 {
                    ValueRef::$kind(value) => {
                        let read: fn(_) -> Result<$type, BoxDynError> = $read;
                        read(value)
                    }
                    other => Err(format!("{:?} is no {}", other.data_type(), stringify!($type)).into()),
                }
            }
        }
    )*};
}

stored! { Integer:
    i64, |number| *number, |number: i64| Ok(number);
    bool, |yes| i64::from(*yes), |number: i64| Ok(number != 0);
    DateTime<Utc>,
        |at| at.timestamp_micros(),
        |micros: i64| DateTime::from_timestamp_micros(micros).ok_or_else(|| format!("{micros} is no moment").into());
}

stored! { Text:
    String, String::clone, |text: &[u8]| Ok(str::from_utf8(text)?.to_owned());
}

stored! { Blob:
    Vec<u8>, Vec::clone, |bytes: &[u8]| Ok(bytes.to_vec());
    Uuid, |id| id.as_bytes().to_vec(), |bytes: &[u8]| Ok(Uuid::from_slice(bytes)?);
}

impl Type<Direct> for str {
    fn type_info() -> Kind {
        Kind::Text
    }
}

impl Encode<'_, Direct> for &'_ str {
    fn encode_by_ref(&self, buffer: &mut Vec<Value>) -> Encoded {
        buffer.push(Value::Text((*self).to_owned()));
        Ok(IsNull::No)
    }
}

impl Type<Direct> for [u8] {
    fn type_info() -> Kind {
        Kind::Blob
    }
}

impl Encode<'_, Direct> for &'_ [u8] {
    fn encode_by_ref(&self, buffer: &mut Vec<Value>) -> Encoded {
        buffer.push(Value::Blob(self.to_vec()));
        Ok(IsNull::No)
    }
}

impl<T> Type<Direct> for Json<T> {
    fn type_info() -> Kind {
        Kind::Text
    }
}

impl<T: Serialize> Encode<'_, Direct> for Json<T> {
    fn encode_by_ref(&self, buffer: &mut Vec<Value>) -> Encoded {
        buffer.push(Value::Text(serde_json::to_string(&self.0)?));
        Ok(IsNull::No)
    }
}

impl<'r, T: Deserialize<'r>> Decode<'r, Direct> for Json<T> {
    fn decode(value: DirectValueRef<'r>) -> Result<Self, BoxDynError> {
        match value.0 {
            ValueRef::Text(text) => Ok(Json(serde_json::from_slice(text)?)),
            other => Err(format!("{:?} is no JSON", other.data_type()).into()),
        }
    }
}

sqlx_core::impl_encode_for_option!(Direct);
