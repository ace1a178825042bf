//! The preview of a mail, in words. The page and the function use the same.

use super::PageError;
use crate::{FunctionError, preview::MailPreview};
use url::form_urlencoded;
use vestibule_core::service::Error;
use vestibule_domain::{Invite, PreviewWarning, ResourceId, RoleId};

/// Returns what the form holds, in the encoding of a form that is posted. What can't be read is left out, as the page
/// does.
pub fn invite(form: &str) -> Invite {
    let mut invite = Invite { notify: true, ..Invite::default() };
    for (name, value) in form_urlencoded::parse(form.as_bytes()) {
        match name.as_ref() {
            "recipients" => invite.recipients = value.into_owned(),
            "role_ids" => invite.role_ids.extend(value.parse::<RoleId>()),
            "resource_ids" => invite.resource_ids.extend(value.parse::<ResourceId>()),
            "message" => invite.message = value.into_owned(),
            "expires_in_days" => invite.expires_in_days = value.parse().ok(),
            "notify" => invite.notify = value != "false",
            _ => {}
        }
    }
    invite
}

pub fn described(preview: vestibule_domain::MailPreview) -> MailPreview {
    let vestibule_domain::MailPreview { from, to, subject, preheader, text, warnings, .. } = preview;
    let warning = warnings.into_iter().map(sentence).collect::<Vec<_>>().join(" ");
    MailPreview { from, to, subject, preheader, text, warning }
}

fn sentence(warning: PreviewWarning) -> &'static str {
    match warning {
        PreviewWarning::NoRecipient => "No address is entered yet, so this is to somebody made up.",
        PreviewWarning::NobodyInvited => "Nobody would get this: see the notes below the addresses.",
        PreviewWarning::NoRole => "No role is chosen yet.",
        PreviewWarning::LinksOnly => "This is not sent, because you chose to only make links.",
        PreviewWarning::NoMailServer => "This is not sent, because no mail server is set up.",
    }
}

/// Returns the error for a form that can't be sent as it is.
pub fn refused(error: Error) -> FunctionError {
    let is_invalid = matches!(error, Error::Invalid(_));
    let refusal = FunctionError::from(PageError::from(error));
    match is_invalid {
        true => FunctionError { title: "This can’t be sent as it is".to_owned(), ..refusal },
        false => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_read_is_left_out() {
        let id = "01890000-0000-7000-8000-000000000000";
        let form = format!("role_ids=rubbish&role_ids={id}&expires_in_days=soon&message=a+%26%0D%0Ab&unheard_of=1");
        let read = invite(&form);
        assert_eq!((read.role_ids.len(), read.expires_in_days, read.notify), (1, None, true));
        assert_eq!(read.message, "a &\r\nb");
    }
}
