//! What lists show, and what is done to all that they would show.

use crate::{FunctionError, jobs::JobView};
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};
use vestibule_domain::ActId;

/// Which invitations are meant, as the list's address says it. An empty text stands for any, and so does one that can't
/// be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListFilter {
    pub status: String,
    pub q: String,
    pub role: String,
}

/// What was done, or is going to be done in a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    pub title: String,
    pub text: String,
    /// The act that can be taken back, if it was so little that it is done.
    pub act: Option<ActId>,
    pub job: Option<JobView>,
}

/// Resends all invitations that match and can be resent.
#[server(prefix = "/fn", endpoint = "invitations/resend_matching", input = Json, output = Json)]
pub async fn resend_matching(slug: String, filter: ListFilter) -> Result<Started, FunctionError> {
    let caller = crate::server::caller(&slug).await?.undoable();
    Ok(crate::server::lists::resend_matching(&caller, &filter).await?)
}

/// Revokes all invitations that match and are open.
#[server(prefix = "/fn", endpoint = "invitations/revoke_matching", input = Json, output = Json)]
pub async fn revoke_matching(slug: String, filter: ListFilter) -> Result<Started, FunctionError> {
    let caller = crate::server::caller(&slug).await?.undoable();
    Ok(crate::server::lists::revoke_matching(&caller, &filter).await?)
}
