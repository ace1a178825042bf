//! Checks that an answer is to the present offer, and comes from the owner of the mailbox.

use super::OpenedInvitation;
use crate::service::{AccountConflict, RequestConflict, Result, subject};
use vestibule_domain::{Terms, User};

/// The acceptance session that an answer is given on, with what its page showed.
#[derive(Clone, Debug)]
pub struct ShownOffer<'a> {
    pub acceptance_session: &'a str,
    /// The terms that the page showed, if it sent them along.
    pub terms: Option<Terms>,
    /// The signed-in user, if there is one.
    pub user: Option<&'a User>,
}

impl<'a> From<&'a str> for ShownOffer<'a> {
    fn from(acceptance_session: &'a str) -> Self {
        Self { acceptance_session, terms: None, user: None }
    }
}

impl subject::Acceptance<'_> {
    /// Returns the terms of the offer, in the words that a page shows.
    pub(super) fn terms_of(self, opened: &OpenedInvitation) -> Terms {
        let context = &opened.context;
        let mut limits: Vec<String> = context.invitation.resource_ids.iter().map(ToString::to_string).collect();
        limits.sort();
        Terms {
            organization: context.organization.name.to_string(),
            email: context.invitation.email.to_string(),
            roles: crate::service::authorize::names(&context.roles),
            limits: if limits.is_empty() { String::new() } else { self.opaque("limits", &limits.join(" ")) },
        }
    }

    /// Returns `Changed` when the answer is to other terms than the present ones.
    pub(super) fn check_shown(self, opened: &OpenedInvitation, shown_offer: Option<&Terms>) -> Result<()> {
        match shown_offer {
            Some(shown_offer) if *shown_offer != self.terms_of(opened) => Err(RequestConflict::Changed.into()),
            _ => Ok(()),
        }
    }

    /// Checks whether this acceptance session or this user proves that the mailbox belongs to the person who answers.
    pub(super) fn is_proven(opened: &OpenedInvitation, user: Option<&User>) -> bool {
        let own = user.filter(|user| user.email.as_str() == opened.context.invitation.email.as_str());
        opened.acceptance_session.is_proven || own.is_some_and(|user| user.is_email_verified)
    }

    /// Returns `MailboxUnproven` when the mailbox has to be proved first. Without a mail server nobody could prove it;
    /// there the link is enough for its own invitation, and for nothing else.
    pub(super) fn check_proven(self, opened: &OpenedInvitation, user: Option<&User>) -> Result<()> {
        if Self::is_proven(opened, user) || !self.0.has_mail_server() {
            return Ok(());
        }
        Err(AccountConflict::MailboxUnproven.into())
    }

    fn opaque(self, purpose: &str, text: &str) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(&self.0.signing_keys.digest(purpose, text)[..9])
    }
}
