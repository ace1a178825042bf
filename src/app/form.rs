//! The fields of a submitted form, and a form that is shown again with what was entered and what is wrong.

use serde::{Deserialize, Serialize};
use vestibule_domain::Violation;

/// The fields of a form in the order in which they were sent. A name can occur several times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// Returns the first value with this name, or an empty text.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// Returns all values with this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Returns the values with this name that can be parsed as `T`, and skips the others.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|value| value.parse().ok()).collect()
    }
}

/// A refused form: everything that was entered, and what is wrong. Handlers leave out passwords. The form's page shows
/// it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub fields: Fields,
    pub violations: Vec<Violation>,
}

impl Draft {
    /// Returns what was entered in this field.
    pub fn text(&self, name: &str) -> String {
        self.fields.text(name).to_owned()
    }

    /// Returns the error at this field.
    pub fn error(&self, name: &str) -> Option<String> {
        self.violations.iter().find(|violation| violation.field == name).map(|violation| violation.sentence.to_string())
    }
}
