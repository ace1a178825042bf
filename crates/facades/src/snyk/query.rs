//! What queries ask for. Snyk refuses names that it does not know.

use super::fault::{Answer, Fault, Source};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use url::form_urlencoded::{Serializer, parse};
use vestibule_domain::{Cursor, Direction, OrganizationId, Page};

const VERSION: &str = "version";
const LIMIT: &str = "limit";
const AFTER: &str = "starting_after";
const BEFORE: &str = "ending_before";
/// The names that every list takes.
pub const PAGING: &[&str] = &[LIMIT, AFTER, BEFORE];
/// Rows on a page when nobody says how many; the limit is a multiple of it, up to ten of it (2.3).
const STEP: u32 = 10;

/// Each name with its value, in their order, and the path below the API's root.
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

/// Where a page lies: how many rows, and the place that it begins or ends at.
pub struct Asked {
    pub limit: u32,
    pub cursor: Option<String>,
}

/// The order of a list, by which it is known where a cursor leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let pairs = parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        Ok(Self { path: parts.uri.path().to_owned(), pairs })
    }
}

impl Query {
    /// Refuses whatever is neither the version nor one of these names, and what is said twice.
    pub fn only(&self, known: &[&str]) -> Answer<()> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in &self.pairs {
            let detail = match name.as_str() {
                name if name != VERSION && !known.contains(&name) => format!("Unknown query parameter '{name}'"),
                name if seen.contains(&name) => format!("The query parameter '{name}' is there twice."),
                name => {
                    seen.push(name);
                    continue;
                }
            };
            return Err(Fault::bad_request("query", detail).at(Source::Parameter(name.clone())));
        }
        Ok(())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The page of a list of this organization.
    pub fn page(&self, organization_id: OrganizationId, order: Order) -> Answer<Asked> {
        Ok(Asked { limit: self.limit()?, cursor: self.cursor(organization_id, order)? })
    }

    fn limit(&self) -> Answer<u32> {
        let Some(text) = self.text(LIMIT) else { return Ok(STEP) };
        let limit = text.parse().ok().filter(|limit| (STEP..=10 * STEP).contains(limit) && limit % STEP == 0);
        limit.ok_or_else(|| refused(LIMIT, "limit must be 10, 20 and so on up to 100."))
    }

    fn cursor(&self, organization_id: OrganizationId, order: Order) -> Answer<Option<String>> {
        let (name, text) = match (self.text(AFTER), self.text(BEFORE)) {
            (None, None) => return Ok(None),
            (Some(text), None) => (AFTER, text),
            (None, Some(text)) => (BEFORE, text),
            (Some(_), Some(_)) => {
                return Err(refused(BEFORE, "Send starting_after or ending_before, and not both."));
            }
        };
        let cursor = Cursor::decode(text, organization_id)
            .ok_or_else(|| refused(name, "This is no place in this list. Take it from its links."))?;
        let direction = match (name == AFTER, order) {
            (true, Order::OldestFirst) | (false, Order::NewestFirst) => Direction::Newer,
            (true, Order::NewestFirst) | (false, Order::OldestFirst) => Direction::Older,
        };
        Ok(Some(Cursor { direction, ..cursor }.encode()))
    }

    /// The address of this page, without the facade's own root, which some clients put before it themselves (2.7).
    pub fn here(&self) -> String {
        self.address(None)
    }

    /// The addresses of the first page, the one before this and the one after, where there are such.
    pub fn around<T>(&self, page: &Page<T>, order: Order) -> [Option<String>; 3] {
        let (before, after) = match order {
            Order::OldestFirst => (&page.older, &page.newer),
            Order::NewestFirst => (&page.newer, &page.older),
        };
        let at = |name: &'static str, cursor: &Option<String>| {
            cursor.as_ref().map(|cursor| self.address(Some((name, Some(cursor)))))
        };
        [Some(self.address(Some((AFTER, None)))), at(BEFORE, before), at(AFTER, after)]
    }

    /// With another place in the list, or with none.
    fn address(&self, place: Option<(&str, Option<&str>)>) -> String {
        let kept = self.pairs.iter().filter(|(name, _)| place.is_none() || ![AFTER, BEFORE].contains(&name.as_str()));
        let mut query = Serializer::new(String::new());
        query.extend_pairs(kept);
        if let Some((name, Some(cursor))) = place {
            query.append_pair(name, cursor);
        }
        format!("{}?{}", self.path, query.finish())
    }
}

fn refused(name: &str, detail: &str) -> Fault {
    Fault::bad_request("query", detail).at(Source::Parameter(name.to_owned()))
}
