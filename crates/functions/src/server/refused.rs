//! Refusals of what a person filled in or selected.

use super::{InviteForm, PageError};
use crate::FunctionError;
use vestibule_core::service::{Error, NotFound};
use vestibule_domain::{Permission, Violation};

/// Returns the error for a form that can't be sent as it is, with everything that is wrong. `title` says what was not
/// done.
pub fn refused(error: Error, title: &str) -> FunctionError {
    match error {
        Error::Invalid(violations) => {
            let sentences: Vec<&str> = violations.iter().map(|violation| &*violation.sentence).collect();
            let sentence = sentences.join(" ");
            FunctionError { title: title.to_owned(), sentence, ..PageError::from(Error::Invalid(violations)).into() }
        }
        error => error.into(),
    }
}

/// Returns the error after which everything is as it was.
pub fn unchanged(error: Error) -> FunctionError {
    refused(error, "Nothing was changed")
}

/// Converts an error that is due to a chosen role or resource to a violation at its field. Returns others unchanged.
pub fn at_field(error: Error) -> Error {
    match error {
        // the user can invite, so the missing permission is one of a role
        Error::Forbidden(permission) if permission != Permission::UserInvite => Error::Invalid(vec![too_much()]),
        Error::NotFound(NotFound::Role) => {
            let sentence = "One of these roles was removed. Choose again.";
            Error::Invalid(vec![Violation::new(InviteForm::role_ids().name, "missing", sentence)])
        }
        Error::NotFound(NotFound::Resource) => {
            let sentence = "One of these resources was deleted. Choose again.";
            Error::Invalid(vec![Violation::new(InviteForm::resource_ids().name, "missing", sentence)])
        }
        error => error,
    }
}

fn too_much() -> Violation {
    let sentence = "You can’t give one of these roles: it holds permissions you don’t have. Ask an owner to invite.";
    Violation::new(InviteForm::role_ids().name, "too_much", sentence)
}
