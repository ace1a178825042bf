//! Queries, and the headers that say which page of a list an answer is.

use super::fault::{Fault, VendorResult};
use crate::query::Pairs;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, request::Parts};

/// The number of rows per page of every list.
pub const PAGE: u32 = 200;

/// The parameters of a query. Unknown parameters are ignored.
pub struct Query(Pairs);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        Pairs::of_text(parts).map(Self).ok_or_else(|| Fault::bad_parameter("The query", "text in UTF-8"))
    }
}

impl Query {
    /// Returns the last value with this name that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.last(name)
    }

    /// Returns a boolean, in upper or lower case: Python clients send `True`.
    pub fn yes_or_no(&self, name: &str, usual: bool) -> VendorResult<bool> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(usual),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Fault::bad_parameter(name, "true or false")),
        }
    }

    /// Returns what Adobe's word stands for, or the first value if the query has none.
    pub fn word<T: Copy>(&self, name: &str, words: [(&str, T); 2]) -> VendorResult<T> {
        let Some(text) = self.text(name) else { return Ok(words[0].1) };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
        found.ok_or_else(|| Fault::bad_parameter(name, &format!("{} or {}", words[0].0, words[1].0)))
    }

    /// Returns the number of the page, starting at 0.
    pub fn page(&self) -> VendorResult<u32> {
        self.text("page").map_or(Ok(0), page)
    }
}

/// Parses the number of a page, starting at 0.
pub fn page(text: &str) -> VendorResult<u32> {
    text.parse().map_err(|_| Fault::bad_parameter("page", "a whole number, and 0 for the first page"))
}

/// Returns the headers with the total count and the position of the page.
pub fn paging(page: u32, total: u64) -> HeaderMap {
    let values = [
        ("x-total-count", total),
        ("x-page-count", total.div_ceil(PAGE.into())),
        ("x-current-page", page.into()),
        ("x-page-size", PAGE.into()),
    ];
    values.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from(value))).into_iter().collect()
}
