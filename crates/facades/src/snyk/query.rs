//! Queries. Snyk refuses parameters that it does not know.

use super::fault::{Fault, VendorResult};
use crate::json_api::Source;
use crate::query::Pairs;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use vestibule_domain::{Cursor, CursorPage, Direction, OrganizationId};

const VERSION: &str = "version";
const LIMIT: &str = "limit";
const AFTER: &str = "starting_after";
const BEFORE: &str = "ending_before";
/// The parameters that every list accepts.
pub const PAGING: &[&str] = &[LIMIT, AFTER, BEFORE];
/// The number of rows per page without a limit. A limit has to be a multiple of it, up to ten times its value (2.3).
const STEP: u32 = 10;

/// The parameters of a query, and the path below the API's root.
pub struct Query(Pairs);

/// The requested page: how many rows, and the cursor where it starts or ends.
pub struct PageQuery {
    pub limit: u32,
    pub cursor: Option<String>,
}

/// The order of a list. It determines in which direction a cursor leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Pairs::of(parts)))
    }
}

impl Query {
    /// Refuses parameters other than the version and those in `known`, and repeated ones.
    pub fn only(&self, known: &[&str]) -> VendorResult<()> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in self.0.iter() {
            let detail = match name {
                name if name != VERSION && !known.contains(&name) => format!("Unknown query parameter '{name}'"),
                name if seen.contains(&name) => format!("The query parameter '{name}' was sent twice."),
                name => {
                    seen.push(name);
                    continue;
                }
            };
            return Err(refused(name, detail));
        }
        Ok(())
    }

    /// Returns the first value of a parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.first(name)
    }

    /// Returns the requested page of a list of this organization. Fails when the limit or the cursor is invalid.
    pub fn page(&self, organization_id: OrganizationId, order: Order) -> VendorResult<PageQuery> {
        Ok(PageQuery { limit: self.limit()?, cursor: self.cursor(organization_id, order)? })
    }

    fn limit(&self) -> VendorResult<u32> {
        let Some(text) = self.text(LIMIT) else { return Ok(STEP) };
        let limit = text.parse().ok().filter(|limit| (STEP..=10 * STEP).contains(limit) && limit % STEP == 0);
        limit.ok_or_else(|| refused(LIMIT, "limit must be 10, 20 and so on up to 100."))
    }

    fn cursor(&self, organization_id: OrganizationId, order: Order) -> VendorResult<Option<String>> {
        let (name, text) = match (self.text(AFTER), self.text(BEFORE)) {
            (None, None) => return Ok(None),
            (Some(text), None) => (AFTER, text),
            (None, Some(text)) => (BEFORE, text),
            (Some(_), Some(_)) => {
                return Err(refused(BEFORE, "Send either starting_after or ending_before."));
            }
        };
        let cursor = Cursor::decode(text, organization_id)
            .ok_or_else(|| refused(name, "This is not a cursor of this list. Take it from the list's links."))?;
        let direction = match (name == AFTER, order) {
            (true, Order::OldestFirst) | (false, Order::NewestFirst) => Direction::Newer,
            (true, Order::NewestFirst) | (false, Order::OldestFirst) => Direction::Older,
        };
        Ok(Some(Cursor { direction, ..cursor }.encode()))
    }

    /// Returns the path of this page below the facade's root, with its query. Some clients prepend the root themselves
    /// (2.7).
    pub fn here(&self) -> String {
        self.0.address(&[], None)
    }

    /// Returns the paths of the first, the previous and the next page, where they exist.
    pub fn around<T>(&self, page: &CursorPage<T>, order: Order) -> [Option<String>; 3] {
        let (before, after) = match order {
            Order::OldestFirst => (&page.older, &page.newer),
            Order::NewestFirst => (&page.newer, &page.older),
        };
        let at = |name, cursor: &Option<String>| cursor.as_ref().map(|cursor| self.place(Some((name, cursor))));
        [Some(self.place(None)), at(BEFORE, before), at(AFTER, after)]
    }

    /// Returns the path with another cursor, or without one.
    fn place(&self, place: Option<(&str, &str)>) -> String {
        self.0.address(&[AFTER, BEFORE], place)
    }
}

fn refused(name: &str, detail: impl Into<String>) -> Fault {
    Fault::bad_request("query", detail).at(Source::parameter(name))
}
