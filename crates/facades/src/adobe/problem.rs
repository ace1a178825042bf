//! What is wrong with one step of a command: its code and words (dialects/adobe-and-clerk.md, B3).

use super::fault::Answer;
use vestibule_core::service::{Conflict, Error};
use vestibule_domain::{Permission, Violation};

/// What is wrong with a step of a command, or what has happened instead of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// What an operation's refusal means for its step alone; what it means for the whole request is the error.
    pub fn of(error: Error) -> Answer<Self> {
        match error {
            Error::Conflict(Conflict::AlreadyInvited(_)) => {
                Ok(Self::new("error.user.already_invited", "The user has an active invite already."))
            }
            Error::Conflict(Conflict::AlreadyMember) => {
                Ok(Self::new("error.user.already_in_org", "The user is in the organization already."))
            }
            Error::Conflict(Conflict::LastOwner) => {
                Ok(Self::new("error.user.not_removable", "The organization would be left without an owner."))
            }
            Error::Conflict(Conflict::BeyondLimit) => {
                let message = "The user’s invite is for more than the resources that this client is limited to.";
                Ok(Self::new("error.user.not_removable", message))
            }
            Error::Invalid(violations) => Ok(Self::of_violations(&violations)),
            error @ (Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::Missing(_)
            | Error::Conflict(_)
            | Error::Closed(_)
            | Error::RateLimited(_)
            | Error::Busy(_)
            | Error::Rows(_)
            | Error::Internal(_)) => Err(error.into()),
        }
    }

    /// Who may do this is a member with more permissions than the client's key has.
    pub fn outranked(permission: Permission) -> Self {
        let message = format!("The user may {}, and this client may not.", permission.deed());
        Self::new("error.user.not_removable", message)
    }

    fn of_violations(violations: &[Violation]) -> Self {
        let Some(Violation { field, code, sentence }) = violations.first() else {
            return Self::new("error.user.email.invalid", "The user can’t be invited.");
        };
        let code = match (field.as_ref(), code.as_ref()) {
            ("name", "too_long") => "error.command.string.too_long",
            ("name", _) => "error.user.name.invalid",
            _ => "error.user.email.invalid",
        };
        Self::new(code, sentence.clone())
    }
}
