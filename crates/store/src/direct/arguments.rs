//! The parameters of a statement.

use super::Direct;
use rusqlite::types::Value;
use sqlx::{Arguments, Encode, IntoArguments, Type, encode::IsNull, error::BoxDynError};

/// The values for a statement, in the order of their numbers.
#[derive(Default)]
pub struct DirectArguments(pub(super) Vec<Value>);

impl Arguments for DirectArguments {
    type Database = Direct;

    fn reserve(&mut self, additional: usize, _size: usize) {
        self.0.reserve(additional);
    }

    fn add<'t, T: Encode<'t, Direct> + Type<Direct>>(&mut self, value: T) -> Result<(), BoxDynError> {
        let before = self.0.len();
        match value.encode(&mut self.0) {
            Ok(IsNull::Yes) => self.0.push(Value::Null),
            Ok(IsNull::No) => {}
            Err(error) => {
                self.0.truncate(before);
                return Err(error);
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

impl IntoArguments<Direct> for DirectArguments {
    fn into_arguments(self) -> Self {
        self
    }
}
