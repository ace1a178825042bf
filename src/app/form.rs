//! What a form sent, and a form shown again with what was typed and what is wrong.

use serde::{Deserialize, Serialize};
use vestibule_domain::Violation;

/// The fields of a form in the order sent; a name may come several times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of this name; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Values of this name that can be read as `T`; others are left out.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.all(name).filter_map(|value| value.parse().ok()).collect()
    }
}

/// A form that was refused: everything typed, with what is wrong. Handlers leave passwords out. The page of the form
/// takes it and shows it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub fields: Fields,
    pub violations: Vec<Violation>,
}

impl Draft {
    /// What was typed in this field.
    pub fn text(&self, name: &str) -> String {
        self.fields.text(name).to_owned()
    }

    /// The sentence at this field.
    pub fn error(&self, name: &str) -> Option<String> {
        self.violations.iter().find(|violation| violation.field == name).map(|violation| violation.sentence.to_string())
    }
}
