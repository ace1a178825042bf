//! What each letter says, as its templates read it.

use super::wording::{in_words, one_line, unlinked, visible};
use serde::{Serialize, Serializer};
use vestibule_domain::Instant;

/// A letter's facts. Words that people wrote go in as they are: here they lose what would make a link or a second
/// line of them, and the templates escape them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Contents {
    Invitation(InvitationLetter),
    /// The same once more.
    Reminder(InvitationLetter),
    InvitationAccepted(InvitationAcceptedLetter),
    InvitationDeclined(InvitationDeclinedLetter),
    Code(CodeLetter),
    WebhookDisabled(WebhookDisabledLetter),
    PasswordReset(PasswordResetLetter),
    PasswordChanged(PasswordChangedLetter),
}

/// To the invitee: the offer and the link to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// None when a program of the organization invites.
    #[serde(serialize_with = "optional_name")]
    pub inviter: Option<String>,
    #[serde(serialize_with = "optional_name")]
    pub invitee_name: Option<String>,
    /// Display names, in the organization's order of roles.
    #[serde(serialize_with = "names")]
    pub roles: Vec<String>,
    /// The invited address, as people read it.
    pub email: String,
    /// The inviter's own words.
    #[serde(serialize_with = "optional_words")]
    pub message: Option<String>,
    /// The mailed link, whole.
    pub url: String,
    #[serde(serialize_with = "in_words")]
    pub expires_at: Instant,
    /// The host that people know us by.
    pub public_host: String,
}

/// To the inviter: somebody has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationAcceptedLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The new member's name.
    #[serde(serialize_with = "name")]
    pub invitee: String,
    /// The invited address, as people read it.
    pub email: String,
    #[serde(serialize_with = "names")]
    pub roles: Vec<String>,
    /// The invitation's page in the portal.
    pub url: String,
    pub public_host: String,
}

/// To the inviter: somebody has declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvitationDeclinedLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The invitee's name, where the inviter gave one.
    #[serde(serialize_with = "optional_name")]
    pub invitee: Option<String>,
    /// The invited address, as people read it.
    pub email: String,
    /// The invitee's own words.
    #[serde(serialize_with = "optional_words")]
    pub reason: Option<String>,
    /// The invitation's page in the portal.
    pub url: String,
    pub public_host: String,
}

/// To the invited address: proves the mailbox of whoever came by a shared link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The invited address, as people read it.
    pub email: String,
    /// Six digits.
    pub code: String,
    pub public_host: String,
}

/// To an owner: we stopped sending to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookDisabledLetter {
    #[serde(serialize_with = "name")]
    pub organization: String,
    /// The endpoint's address.
    #[serde(serialize_with = "name")]
    pub endpoint: String,
    /// It asked for that, with 410.
    pub gone: bool,
    #[serde(serialize_with = "in_words")]
    pub disabled_at: Instant,
    /// The webhook's page in the portal.
    pub url: String,
    pub public_host: String,
}

/// To a user: the link to choose a new password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PasswordResetLetter {
    #[serde(serialize_with = "name")]
    pub name: String,
    /// The account's address, as people read it.
    pub email: String,
    /// The link, whole.
    pub url: String,
    /// When the link stops working.
    #[serde(serialize_with = "in_words")]
    pub until: Instant,
    pub public_host: String,
}

/// To a user: the password is another one now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PasswordChangedLetter {
    #[serde(serialize_with = "name")]
    pub name: String,
    /// The account's address, as people read it.
    pub email: String,
    #[serde(serialize_with = "in_words")]
    pub changed_at: Instant,
    /// Where a forgotten password is asked for: holds no secret.
    pub url: String,
    pub public_host: String,
}

impl Contents {
    /// The folder of its templates; the same word as [`vestibule_domain::Letter::kind`].
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

    /// What only the recipient may read: a link or a code.
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
