//! What is done to invitations in place, and taken back.

use crate::FunctionError;
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};
use vestibule_domain::{ActId, InvitationId};

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub title: String,
    /// What it means, or what was not done.
    pub text: String,
    /// The act that can be taken back.
    pub act: Option<ActId>,
}

/// Resends these invitations.
#[server(prefix = "/fn", endpoint = "invitations/resend", input = Json, output = Json)]
pub async fn resend(slug: String, ids: Vec<InvitationId>) -> Result<Done, FunctionError> {
    let caller = crate::server::caller(&slug).await?.undoable();
    Ok(crate::server::changes::resend(&caller, &ids).await?)
}

/// Revokes these invitations.
#[server(prefix = "/fn", endpoint = "invitations/revoke", input = Json, output = Json)]
pub async fn revoke(slug: String, ids: Vec<InvitationId>) -> Result<Done, FunctionError> {
    let caller = crate::server::caller(&slug).await?.undoable();
    Ok(crate::server::changes::revoke(&caller, &ids).await?)
}

/// Takes back what the caller did in this act.
#[server(prefix = "/fn", endpoint = "invitations/undo", input = Json, output = Json)]
pub async fn undo(slug: String, act: ActId) -> Result<Done, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    let undone = caller.vestibule.invitations().undo(&caller.scope, act).await?;
    Ok(crate::server::changes::undone(&undone))
}
