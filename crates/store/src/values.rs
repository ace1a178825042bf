//! The parameters of a statement that is built from the conditions in a filter.

use uuid::Uuid;
use vestibule_domain::Instant;

/// The number of values in one statement of many; a larger list is read in several.
pub(super) const CHUNK: usize = 500;

/// The parameters, in order.
#[derive(Clone, Default)]
pub(super) struct Values(pub Vec<Value>);

#[derive(Clone)]
pub(super) enum Value {
    Id(Uuid),
    Number(i64),
    Text(String),
    At(Instant),
}

impl Values {
    /// Adds a value. Returns its placeholder in the statement, like `$3`.
    pub fn add(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }

    /// Adds all of these. Returns their placeholders.
    pub fn add_each(&mut self, values: impl IntoIterator<Item = Value>) -> Vec<String> {
        values.into_iter().map(|value| self.add(value)).collect()
    }

    /// Adds all of these. Returns their placeholders as a list for `in`.
    pub fn add_all(&mut self, values: impl IntoIterator<Item = Value>) -> String {
        self.add_each(values).join(", ")
    }
}

/// Returns the query with all values bound.
macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values.0 {
            query = match value {
                $crate::values::Value::Id(id) => query.bind(id),
                $crate::values::Value::Number(number) => query.bind(number),
                $crate::values::Value::Text(text) => query.bind(text),
                $crate::values::Value::At(at) => query.bind(at),
            };
        }
        query
    }};
}
pub(crate) use bound;
