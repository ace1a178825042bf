//! Invitations: who would be invited.

use crate::FunctionError;
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// What would come of the recipients of an invite if it were sent now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientsPreview {
    /// The number of people who would be invited.
    pub invited: u32,
    /// How many are ready, have to be looked at, and are left out; or why nobody would be invited.
    pub summary: String,
    /// The addresses to look at, those to correct first.
    pub notes: Vec<RecipientNote>,
    /// The number of further addresses to look at.
    pub more: u32,
}

/// One address, and why to look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientNote {
    /// The address as it was typed.
    pub address: String,
    pub kind: RecipientKind,
    pub sentence: String,
    /// The address that was probably meant.
    pub likely: Option<String>,
    /// The path of a page about it.
    pub href: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecipientKind {
    /// Has to be corrected.
    Wrong,
    /// Would be invited, but looks like a typing error.
    Doubtful,
    /// Needs no invitation.
    LeftOut,
}

/// Returns what would come of these recipients, as they were typed, if they were invited now.
#[server(prefix = "/fn", endpoint = "invitations/look_up", input = Json, output = Json)]
pub async fn look_up(slug: String, recipients: String) -> Result<RecipientsPreview, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    let preview = caller.vestibule.invitations().look_up(&caller.scope, &recipients).await?;
    Ok(crate::server::recipients::described(preview, &slug))
}
