//! The mail of an invite, before it is sent.

use crate::FunctionError;
use leptos::{prelude::server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// The mail as it would be sent now. Its HTML is a document of its own, which the form is posted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPreview {
    pub from: String,
    pub to: String,
    pub subject: String,
    /// What a list of mails shows beside the subject.
    pub preheader: String,
    pub text: String,
    /// What is missing, or why this mail won't be sent. Empty if nothing is wrong.
    pub warning: String,
}

/// Returns the mail that the first of the recipients would get if the form were sent now. `form` is what would be posted.
#[server(prefix = "/fn", endpoint = "invitations/preview", input = Json, output = Json)]
pub async fn preview(slug: String, form: String) -> Result<MailPreview, FunctionError> {
    let caller = crate::server::caller(&slug).await?;
    let invite = crate::server::InviteForm::parse(&form).invite();
    let mail = caller.vestibule.invitations().preview_mail(&caller.scope, &invite).await;
    mail.map(crate::server::preview::described)
        .map_err(|error| crate::server::refused(error, "This can’t be sent as it is"))
}
