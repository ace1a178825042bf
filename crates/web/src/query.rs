//! The queries of lists, and the URLs that have them.

use super::form::{Fields, Typed, Values};
pub use crate::escape;
use serde::{Deserialize, Deserializer};
use std::{ops::Deref, str::FromStr};
use vestibule_domain::CursorPage;

/// A parameter of a query that stands for one `T`. A value that can't be parsed is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param<T = String>(Typed<T>);

impl<T> Deref for Param<T> {
    type Target = Typed<T>;

    fn deref(&self) -> &Typed<T> {
        &self.0
    }
}

impl<T> Default for Param<T> {
    fn default() -> Self {
        Self(Typed::default())
    }
}

impl<T, S: Into<String>> From<Option<S>> for Param<T> {
    fn from(text: Option<S>) -> Self {
        text.map_or_else(Self::default, |text| Self(text.into().into()))
    }
}

impl<T> Values for Param<T> {
    fn values(&self) -> Vec<String> {
        self.0.values()
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Param<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed = Typed::<T>::deserialize(deserializer)?;
        let text = Some(typed.text().trim()).filter(|text| !text.is_empty() && text.parse::<T>().is_ok());
        Ok(text.into())
    }
}

/// The query of a list with pages: a filter, and a place in the list.
pub trait ListQuery: Fields + Clone + Default + PartialEq {
    /// Returns the parameter with the place.
    fn cursor(&mut self) -> &mut Param;

    /// Returns the list at another place, and at its start without a cursor.
    fn at(&self, cursor: Option<String>) -> Self {
        let mut query = self.clone();
        *query.cursor() = cursor.into();
        query
    }

    /// Checks whether the list has no filter.
    fn is_all(&self) -> bool {
        self.at(None) == Self::default()
    }

    /// Returns the URLs of the pages before and after `page`, for the list at `path`.
    fn turns<T>(&self, path: &str, page: &CursorPage<T>) -> (Option<String>, Option<String>) {
        let turn =
            |cursor: &Option<String>| cursor.as_ref().map(|cursor| address(path, &self.at(Some(cursor.clone()))));
        (turn(&page.newer), turn(&page.older))
    }
}

/// Returns the URL of `path` with this query.
pub fn address<Q: Fields>(path: &str, query: &Q) -> String {
    address_of(path, pairs(query))
}

/// Returns the URL of `path` with these parameters.
pub fn address_of(path: &str, pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={}", escape(&value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Returns the names and values of a query.
pub fn pairs<Q: Fields>(query: &Q) -> impl Iterator<Item = (&'static str, String)> {
    Q::FIELDS.iter().flat_map(move |field| (field.values)(query).into_iter().map(|value| (field.name, value)))
}

#[cfg(test)]
mod tests {
    use super::{super::form::fields, *};
    use axum_extra::extract::Query;

    fields! {
        struct Guests {
            q: Param,
            table: Param<u16>,
            cursor: Param,
        }
    }

    impl ListQuery for Guests {
        fn cursor(&mut self) -> &mut Param {
            &mut self.cursor
        }
    }

    fn read(query: &str) -> Guests {
        Query::try_from_uri(&format!("/?{query}").parse().unwrap()).unwrap().0
    }

    #[test]
    fn an_address_says_what_was_read_and_nothing_else() {
        let query = read("cursor=abc&q=+ada+%26+co+&table=4&x=y&table=5");
        assert_eq!(address("/guests", &query), "/guests?q=ada%20%26%20co&table=4&cursor=abc");
        assert_eq!(address("/guests", &read("q=+&table=four")), "/guests");
    }

    #[test]
    fn a_page_leads_to_those_beside_it() {
        let page = CursorPage { items: vec![()], newer: None, older: Some("d&e".to_owned()) };
        let turns = read("q=ada&cursor=abc").turns("/guests", &page);
        assert_eq!(turns, (None, Some("/guests?q=ada&cursor=d%26e".to_owned())));
        assert!(read("cursor=abc").is_all() && !read("q=ada").is_all());
    }
}
