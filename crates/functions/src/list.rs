//! The list of invitations, as the portal shows it.

use crate::FunctionError;
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// A page of the list. Its parts are HTML, so that the browser needs no code to show rows: what the page shows and what
/// the browser reads again is the same text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPage {
    pub tabs: String,
    /// The rows, and the links to the pages beside this one.
    pub content: String,
    /// The number of pending invitations that match.
    pub pending: u64,
    /// Whether the organization has no invitation at all.
    pub is_first: bool,
}

/// Returns the page of the list that the query of its URL asks for.
#[server(prefix = "/fn", endpoint = "invitations/list", input = Json, output = Json)]
pub async fn list(slug: String, query: String) -> Result<ListPage, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    Ok(crate::server::invitation_list::read(&caller, &query).await?.page())
}
