//! The search for people, pages and actions of an organization.

use crate::FunctionError;
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// Something that was found, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The heading that it stands under. Those of a group follow each other.
    pub group: String,
    pub title: String,
    /// What else helps to recognize it, or an empty text.
    pub note: String,
    /// The path of its page.
    pub href: String,
    /// The name of its icon.
    pub glyph: String,
}

/// Returns what matches all words of the text, or all pages and actions if there are none.
#[server(prefix = "/fn", endpoint = "search/find", input = Json, output = Json)]
pub async fn find(slug: String, text: String) -> Result<Vec<Found>, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    Ok(crate::server::search::found(&caller.vestibule, &caller.scope, &text).await?)
}
