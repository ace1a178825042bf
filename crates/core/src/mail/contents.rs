//! The contents of each letter, as its templates read them.

use super::wording::{in_words, one_line, sender, unlinked, visible};
use serde::{Serialize, Serializer};
use vestibule_domain::Instant;

/// The contents of a letter. Text that people wrote goes in as it is: serializing breaks up everything that would
/// become a link or a second line, and the templates escape it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LetterContents {
    Invitation(InvitationLetter),
    /// The same letter as the invitation, sent once more.
    Reminder(InvitationLetter),
    InvitationAccepted(InvitationAcceptedLetter),
    InvitationDeclined(InvitationDeclinedLetter),
    Code(CodeLetter),
    WebhookDisabled(WebhookDisabledLetter),
    PasswordReset(PasswordResetLetter),
    PasswordChanged(PasswordChangedLetter),
}

/// The letter to the invitee with the offer and its link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// `None` when a program of the organization invites.
    #[serde(serialize_with = "optional_name")]
    pub inviter: Option<String>,
    /// The inviter's email address, which answers go to. No template reads it.
    #[serde(skip)]
    pub reply_to: Option<String>,
    #[serde(serialize_with = "optional_name")]
    pub invitee_name: Option<String>,
    /// The display names, in the organization's order of roles.
    #[serde(serialize_with = "names")]
    pub roles: Vec<String>,
    /// The invited email address in its readable form.
    pub email: String,
    /// The inviter's message.
    #[serde(serialize_with = "optional_words")]
    pub message: Option<String>,
    /// The complete mailed link.
    pub url: String,
    #[serde(serialize_with = "in_words")]
    pub expires_at: Instant,
    /// The public host of this installation.
    pub public_host: String,
}

/// The letter to the inviter when somebody has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationAcceptedLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The new member's name.
    #[serde(serialize_with = "name")]
    pub invitee: String,
    /// The invited email address in its readable form.
    pub email: String,
    #[serde(serialize_with = "names")]
    pub roles: Vec<String>,
    /// The invitation's page in the portal.
    pub url: String,
    pub public_host: String,
}

/// The letter to the inviter when somebody has declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationDeclinedLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The invitee's name, if the inviter gave one.
    #[serde(serialize_with = "optional_name")]
    pub invitee: Option<String>,
    /// The invited email address in its readable form.
    pub email: String,
    /// The invitee's reason, in their own words.
    #[serde(serialize_with = "optional_words")]
    pub reason: Option<String>,
    /// The invitation's page in the portal.
    pub url: String,
    pub public_host: String,
}

/// The letter to the invited email address with the code that proves the mailbox of somebody who used a shared link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The invited email address in its readable form.
    pub email: String,
    /// The six digits.
    pub code: String,
    pub public_host: String,
}

/// The letter to an owner when Vestibule has stopped sending to a webhook endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookDisabledLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The endpoint's URL.
    #[serde(serialize_with = "name")]
    pub endpoint: String,
    /// Whether the endpoint itself asked for that, with status 410.
    pub gone: bool,
    #[serde(serialize_with = "in_words")]
    pub disabled_at: Instant,
    /// The webhook's page in the portal.
    pub url: String,
    pub public_host: String,
}

/// The letter to a user with the link to choose a new password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PasswordResetLetter {
    #[serde(serialize_with = "name")]
    pub name: String,
    /// The account's email address in its readable form.
    pub email: String,
    /// The complete link.
    pub url: String,
    /// The time when the link stops working.
    #[serde(serialize_with = "in_words")]
    pub until: Instant,
    pub public_host: String,
}

/// The letter to a user whose password was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PasswordChangedLetter {
    #[serde(serialize_with = "name")]
    pub name: String,
    /// The account's email address in its readable form.
    pub email: String,
    #[serde(serialize_with = "in_words")]
    pub changed_at: Instant,
    /// The page that resets a forgotten password; this URL contains no secret.
    pub url: String,
    pub public_host: String,
}

impl InvitationLetter {
    /// Returns the name that the mail is sent under, or `None` if that is the configured one.
    pub fn sender(&self) -> Option<String> {
        sender(self.inviter.as_deref(), &self.organization)
    }
}

impl LetterContents {
    /// Returns the letter with the offer, if this is one: it is sent in the name of whoever invites.
    pub fn invitation(&self) -> Option<&InvitationLetter> {
        match self {
            Self::Invitation(letter) | Self::Reminder(letter) => Some(letter),
            Self::InvitationAccepted(_)
            | Self::InvitationDeclined(_)
            | Self::Code(_)
            | Self::WebhookDisabled(_)
            | Self::PasswordReset(_)
            | Self::PasswordChanged(_) => None,
        }
    }

    /// Returns the folder of its templates, which is the same word as [`vestibule_domain::Letter::kind`].
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invitation(_) => "invitation",
            Self::Reminder(_) => "reminder",
            Self::InvitationAccepted(_) => "invitation_accepted",
            Self::InvitationDeclined(_) => "invitation_declined",
            Self::Code(_) => "code",
            Self::WebhookDisabled(_) => "webhook_disabled",
            Self::PasswordReset(_) => "password_reset",
            Self::PasswordChanged(_) => "password_changed",
        }
    }

    /// Returns the part that only the recipient may read: a link or a code.
    pub fn secret(&self) -> Option<&str> {
        match self {
            Self::Invitation(letter) | Self::Reminder(letter) => Some(&letter.url),
            Self::Code(letter) => Some(&letter.code),
            Self::PasswordReset(letter) => Some(&letter.url),
            Self::InvitationAccepted(_)
            | Self::InvitationDeclined(_)
            | Self::WebhookDisabled(_)
            | Self::PasswordChanged(_) => None,
        }
    }
}

fn name<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&unlinked(&one_line(text)))
}

fn names<S: Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter().map(|text| unlinked(&one_line(text))))
}

fn optional_name<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().map(|text| unlinked(&one_line(text))).serialize(serializer)
}

fn optional_words<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().map(|text| unlinked(&visible(text))).serialize(serializer)
}
