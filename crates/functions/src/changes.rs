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
    crate::server::changes::resend(&caller, &ids).await.map_err(crate::server::unchanged)
}

/// Revokes these invitations.
#[server(prefix = "/fn", endpoint = "invitations/revoke", input = Json, output = Json)]
pub async fn revoke(slug: String, ids: Vec<InvitationId>) -> Result<Done, FunctionError> {
    let caller = crate::server::caller(&slug).await?.undoable();
    crate::server::changes::revoke(&caller, &ids).await.map_err(crate::server::unchanged)
}

/// Returns the content of the dialog that edits these invitations, as HTML.
#[server(prefix = "/fn", endpoint = "invitations/edit_form", input = Json, output = Json)]
pub async fn edit_form(slug: String, ids: Vec<InvitationId>) -> Result<String, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    crate::server::edit_dialog::read(&caller, &ids).await.map_err(crate::server::unchanged)
}

/// Edits the invitations that the form names. `form` is what would be posted.
#[server(prefix = "/fn", endpoint = "invitations/edit", input = Json, output = Json)]
pub async fn edit(slug: String, form: String) -> Result<Done, FunctionError> {
    let caller = crate::server::caller(&slug).await?.undoable();
    let form = crate::server::EditForm::parse(&form);
    crate::server::changes::edit(&caller, &form).await.map_err(crate::server::unchanged)
}

/// Takes back what the caller did in this act.
#[server(prefix = "/fn", endpoint = "invitations/undo", input = Json, output = Json)]
pub async fn undo(slug: String, act: ActId) -> Result<Done, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    let undone = caller.vestibule.invitations().undo(&caller.scope, act).await?;
    Ok(crate::server::changes::undone(&undone))
}
