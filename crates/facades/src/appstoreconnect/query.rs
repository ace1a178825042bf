//! Queries: filters, order, fields and page.

use super::fault::{Fault, VendorResult};
use crate::query::Pairs;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use uuid::Uuid;
use vestibule_domain::bounds::few;

/// The default and the largest number of rows per page, and the largest number of apps per row.
const USUAL: u32 = 50;
const MOST: u32 = 200;
const MOST_INCLUDED: u32 = 50;
const CURSOR: &str = "cursor";
/// The number of bytes of a cursor that identify its list.
const MARK_BYTES: usize = 8;

/// The parameters that an endpoint accepts.
pub struct AcceptedParameters {
    pub filters: &'static [&'static str],
    pub sorts: &'static [&'static str],
    /// The types, each with the names of its fields.
    pub fields: &'static [(&'static str, &'static [&'static str])],
    /// Whether the answer can include apps.
    pub includes: bool,
    pub is_list: bool,
}

/// The parameters as they were sent, and the path below the facade's root.
pub struct Query(Pairs);

/// The parameters after parsing.
pub struct ListQuery {
    filters: Vec<(&'static str, Vec<String>)>,
    /// The names to sort by, and whether each is in descending order.
    pub sort: Vec<(String, bool)>,
    fields: Vec<(&'static str, Vec<String>)>,
    pub includes_apps: bool,
    pub limit: u32,
    pub limit_of_apps: u32,
    pub after: Option<Uuid>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Pairs::of(parts)))
    }
}

impl Query {
    /// Parses the query. `team` is the organization whose list it is: a cursor works for no other. Fails when a
    /// parameter is unknown, repeated or invalid.
    pub fn read(&self, known: &AcceptedParameters, team: Uuid) -> VendorResult<ListQuery> {
        let mut asked = ListQuery {
            filters: Vec::new(),
            sort: Vec::new(),
            fields: Vec::new(),
            includes_apps: false,
            limit: USUAL,
            limit_of_apps: MOST_INCLUDED,
            after: None,
        };
        for (at, (name, value)) in self.0.iter().enumerate() {
            if self.0.iter().take(at).any(|(other, _)| other == name) {
                return Err(Fault::parameter(name, format!("The parameter '{name}' was sent twice")));
            }
            self.take(&mut asked, known, team, name, value)?;
        }
        Ok(asked)
    }

    fn take(
        &self,
        asked: &mut ListQuery,
        known: &AcceptedParameters,
        team: Uuid,
        name: &str,
        value: &str,
    ) -> VendorResult<()> {
        match bracketed(name) {
            Some(("filter", what)) => {
                let filter = known.filters.iter().find(|filter| **filter == what);
                let filter =
                    filter.ok_or_else(|| Fault::parameter(name, format!("'{what}' is not a valid filter type")))?;
                let values = words(value);
                few(name.to_owned(), &values).map_err(|violation| Fault::parameter(name, violation.sentence))?;
                asked.filters.push((filter, values));
            }
            Some(("fields", what)) => {
                let (kind, fields) = known
                    .fields
                    .iter()
                    .find(|(kind, _)| *kind == what)
                    .ok_or_else(|| Fault::parameter(name, format!("'{what}' is not a valid resource type")))?;
                asked.fields.push((kind, only(name, value, fields, "field name")?));
            }
            Some(("limit", "visibleApps")) if known.includes => {
                asked.limit_of_apps = number(name, value, MOST_INCLUDED)?;
            }
            None if name == "include" && known.includes => {
                asked.includes_apps = !only(name, value, &["visibleApps"], "relationship name")?.is_empty();
            }
            None if name == "sort" && !known.sorts.is_empty() => {
                let of = |text: &String| match text.strip_prefix('-') {
                    Some(name) => (name.to_owned(), true),
                    None => (text.clone(), false),
                };
                let names = words(value);
                let unknown = names.iter().find(|text| !known.sorts.contains(&of(text).0.as_str()));
                if let Some(unknown) = unknown {
                    return Err(Fault::parameter(name, format!("'{unknown}' is not a valid sort name")));
                }
                asked.sort = names.iter().map(of).collect();
            }
            None if name == "limit" && known.is_list => asked.limit = number(name, value, MOST)?,
            None if name == CURSOR && known.is_list => asked.after = Some(self.place(value, team)?),
            Some(_) | None => {
                return Err(Fault::parameter(
                    name,
                    format!("The parameter '{name}' can not be used with this request"),
                ));
            }
        }
        Ok(())
    }

    /// Returns the row that a cursor points to. Fails when it belongs to another list.
    fn place(&self, text: &str, team: Uuid) -> VendorResult<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let place = bytes.split_at_checked(16).filter(|(_, mark)| *mark == self.mark(team));
        place
            .and_then(|(row, _)| Uuid::from_slice(row).ok())
            .ok_or_else(|| Fault::parameter(CURSOR, format!("'{text}' is not a valid cursor for this request")))
    }

    /// Returns the cursor for the page after a row.
    pub fn cursor(&self, row: Uuid, team: Uuid) -> String {
        URL_SAFE_NO_PAD.encode([row.as_bytes().as_slice(), &self.mark(team)].concat())
    }

    /// Returns the bytes that identify this list. They are the same on each of its pages, whatever their length.
    fn mark(&self, team: Uuid) -> [u8; MARK_BYTES] {
        let mut pairs: Vec<_> = self.0.iter().filter(|(name, _)| ![CURSOR, "limit"].contains(name)).collect();
        pairs.sort_unstable();
        let digest = Sha256::digest(format!("{team} {} {pairs:?}", self.0.path()));
        std::array::from_fn(|at| digest[at])
    }

    /// Returns the URL of this request below `base`, with another cursor if there is one.
    pub fn address(&self, base: &str, cursor: Option<&str>) -> String {
        let path = match cursor {
            Some(cursor) => self.0.address(&[CURSOR], Some((CURSOR, cursor))),
            None => self.0.address(&[], None),
        };
        format!("{base}{path}")
    }
}

impl ListQuery {
    /// Returns the values that a filter accepts; `None` without that filter.
    pub fn filter(&self, name: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self.filters.iter().filter(|(other, _)| *other == name).collect();
        let texts = || values.iter().flat_map(|(_, words)| words.iter().map(String::as_str)).collect();
        (!values.is_empty()).then(texts)
    }

    /// Checks whether a filter accepts one of these values.
    pub fn lets(&self, filter: &str, values: &[&str]) -> bool {
        self.filter(filter).is_none_or(|wanted| wanted.iter().any(|wanted| values.contains(wanted)))
    }

    /// Sorts rows that are all in memory, by the text that `key` returns for each name.
    pub fn sort<T>(&self, rows: &mut [T], key: impl Fn(&str, &T) -> String) {
        // sort by the last name first: a stable sort keeps the previous order
        for (name, descends) in self.sort.iter().rev() {
            rows.sort_by(|one, other| {
                let order = key(name, one).cmp(&key(name, other));
                if *descends { order.reverse() } else { order }
            });
        }
    }

    /// Checks whether the answer should have this field of this type: all fields, unless the query names some.
    pub fn wants(&self, kind: &str, field: &str) -> bool {
        let mut named = self.fields.iter().filter(|(other, _)| *other == kind).peekable();
        named.peek().is_none() || named.any(|(_, fields)| fields.iter().any(|name| name == field))
    }
}

/// Splits `filter[email]` into `filter` and `email`.
fn bracketed(name: &str) -> Option<(&str, &str)> {
    name.strip_suffix(']')?.split_once('[')
}

fn words(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn only(name: &str, value: &str, known: &[&str], what: &str) -> VendorResult<Vec<String>> {
    let words = words(value);
    match words.iter().find(|word| !known.contains(&word.as_str())) {
        Some(unknown) => Err(Fault::parameter(name, format!("'{unknown}' is not a valid {what}"))),
        None => Ok(words),
    }
}

fn number(name: &str, value: &str, most: u32) -> VendorResult<u32> {
    let number = value.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Fault::parameter(name, format!("'{value}' is not a number from 1 to {most}")))
}
