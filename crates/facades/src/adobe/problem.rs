//! Errors and warnings about a step of a command: codes and texts.

use super::fault::VendorResult;
use vestibule_core::service::{Conflict, Error, InvitationConflict};
use vestibule_domain::{Permission, Violation};

/// An error or a warning about one step of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: &'static str,
    pub message: String,
}

impl Problem {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Converts an operation's error to an error of its step. Fails with an error that concerns the whole request.
    pub fn of(error: Error) -> VendorResult<Self> {
        match error {
            Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyInvited(_))) => {
                Ok(Self::new("error.user.already_invited", "The user already has an active invite."))
            }
            Error::Conflict(Conflict::Invitation(InvitationConflict::AlreadyMember)) => {
                Ok(Self::new("error.user.already_in_org", "The user is already in the organization."))
            }
            Error::Conflict(Conflict::LastOwner) => {
                Ok(Self::new("error.user.not_removable", "The organization would be left without an owner."))
            }
            Error::Conflict(Conflict::Invitation(InvitationConflict::BeyondLimit)) => {
                let message = "The user’s invite goes beyond the resources that this client is limited to.";
                Ok(Self::new("error.user.not_removable", message))
            }
            Error::Invalid(violations) => Ok(Self::of_violations(&violations)),
            error @ (Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::Closed(_)
            | Error::RateLimited(_)
            | Error::Busy(_)
            | Error::Rows(_)
            | Error::Internal(_)) => Err(error.into()),
        }
    }

    /// Returns the error for a user who has a permission that the client's key lacks.
    pub fn outranked(permission: Permission) -> Self {
        let message = format!("The user is allowed to {}, but this client is not.", permission.action_phrase());
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
