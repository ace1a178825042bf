//! Keyset paging: a page knows the row at which it ends, so nothing is skipped or repeated while others write.

use super::OrganizationId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// The side of the cursor on which the page is. Lists run from new to old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Older,
    Newer,
}

/// A position in one organization's list. Its text form is opaque to clients, and is not valid in another organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub organization_id: OrganizationId,
    pub direction: Direction,
    /// The row next to the page, which is not on the page.
    pub row: Uuid,
}

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorPageRequest {
    pub cursor: Option<Cursor>,
    /// The number of rows per page, 1 to 500.
    pub limit: u32,
    /// Where the first page begins. It applies only without a cursor.
    pub begin: Begin,
}

/// The end of the list at which the first page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begin {
    #[default]
    Newest,
    Oldest,
}

/// One page of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorPage<T> {
    pub items: Vec<T>,
    /// The text of the cursor for the previous page, which has newer rows.
    pub newer: Option<String>,
    /// The text of the cursor for the next page, which has older rows.
    pub older: Option<String>,
}

impl Cursor {
    pub fn encode(self) -> String {
        let mut bytes = vec![match self.direction {
            Direction::Older => 0,
            Direction::Newer => 1,
        }];
        bytes.extend(self.organization_id.uuid().as_bytes());
        bytes.extend(self.row.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Parses a cursor. Returns `None` if the text is not a cursor, and for one of another organization.
    pub fn decode(text: &str, organization_id: OrganizationId) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let direction = match (bytes.len(), bytes.first()?) {
            (33, 0) => Direction::Older,
            (33, 1) => Direction::Newer,
            _ => return None,
        };
        let of = OrganizationId::from(Uuid::from_slice(&bytes[1..17]).ok()?);
        (of == organization_id).then_some(Self {
            organization_id,
            direction,
            row: Uuid::from_slice(&bytes[17..]).ok()?,
        })
    }
}

impl CursorPageRequest {
    pub const MAX_LIMIT: u32 = 500;

    /// Returns a request for the first page, newest first. `limit` is clamped to 1..=500.
    pub fn first(limit: u32) -> Self {
        Self { cursor: None, limit: limit.clamp(1, Self::MAX_LIMIT), begin: Begin::Newest }
    }

    pub fn direction(&self) -> Direction {
        match (self.cursor, self.begin) {
            (Some(cursor), _) => cursor.direction,
            (None, Begin::Newest) => Direction::Older,
            (None, Begin::Oldest) => Direction::Newer,
        }
    }
}

impl<T> CursorPage<T> {
    /// Builds the page from `rows`, which were fetched in the direction's order with one row more than the limit.
    pub fn new(
        mut rows: Vec<T>,
        request: CursorPageRequest,
        organization_id: OrganizationId,
        id: impl Fn(&T) -> Uuid,
    ) -> Self {
        let more = rows.len() > request.limit as usize;
        rows.truncate(request.limit as usize);
        let direction = request.direction();
        if direction == Direction::Newer {
            rows.reverse();
        }
        let cursor =
            |row: Option<&T>, direction| row.map(|row| Cursor { organization_id, direction, row: id(row) }.encode());
        let (has_newer, has_older) = match direction {
            Direction::Older => (request.cursor.is_some(), more),
            Direction::Newer => (more, request.cursor.is_some()),
        };
        let newer = cursor(rows.first().filter(|_| has_newer), Direction::Newer);
        let older = cursor(rows.last().filter(|_| has_older), Direction::Older);
        Self { items: rows, newer, older }
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> CursorPage<U> {
        CursorPage { items: self.items.into_iter().map(f).collect(), newer: self.newer, older: self.older }
    }
}
