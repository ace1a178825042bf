//! The preview of a mail, in words. The page and the function use the same.

use crate::preview::MailPreview;
use vestibule_domain::PreviewWarning;

/// Returns the preview in words.
pub fn described(preview: vestibule_domain::MailPreview) -> MailPreview {
    let vestibule_domain::MailPreview { from, to, subject, preheader, text, warnings, .. } = preview;
    let warning = warnings.into_iter().map(sentence).collect::<Vec<_>>().join(" ");
    MailPreview { from, to, subject, preheader, text, warning }
}

fn sentence(warning: PreviewWarning) -> &'static str {
    match warning {
        PreviewWarning::NoRecipient => "No email address is entered yet, so this goes to someone made up.",
        PreviewWarning::NobodyInvited => "Nobody would get this: see the notes below the addresses.",
        PreviewWarning::NoRole => "No role is chosen yet.",
        PreviewWarning::LinksOnly => "This is not sent, because you chose to only create links.",
        PreviewWarning::NoMailServer => "This is not sent, because no mail server is set up.",
    }
}
