//! The parameters of a query, for vendors that read them one by one.

use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use url::form_urlencoded::Serializer;
use vestibule_web::extract;

/// The parameters with their values, in their order, and the path below the facade's root.
pub struct Pairs {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Pairs {
    /// Returns the parameters of a request.
    pub fn of(parts: &Parts) -> Self {
        Self { path: parts.uri.path().to_owned(), pairs: extract::pairs(&parts.uri) }
    }

    /// Returns the parameters, or `None` when the query is not UTF-8 text.
    pub fn of_text(parts: &Parts) -> Option<Self> {
        let text = percent_decode_str(parts.uri.query().unwrap_or_default());
        text.decode_utf8().is_ok().then(|| Self::of(parts))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the values with this name.
    pub fn all(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.pairs.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns the first value with this name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Returns the last value with this name that is not empty.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.all(name).rev().find(|value| !value.is_empty())
    }

    /// Returns the path with its query, without some parameters and with another one.
    pub fn address(&self, without: &[&str], more: Option<(&str, &str)>) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.iter().filter(|(name, _)| !without.contains(name)));
        query.extend_pairs(more);
        match query.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }
}
