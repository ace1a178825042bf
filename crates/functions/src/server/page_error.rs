//! Errors as people see them: public codes and sentences, never an internal cause.

use super::cause::Cause;
use axum::http::StatusCode;
use std::time::Duration;
use vestibule_core::service::{
    self, AccountConflict, Conflict, Error, InvitationConflict, JobConflict, MailConflict, OrganizationConflict,
    RequestConflict, ResourceConflict, RoleConflict, Shortage, WebhookConflict,
};
use vestibule_domain::{Status, Violation};
use vestibule_web::http_error::span;

/// An error as the portal shows it: its pages, and what its islands ask the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageError {
    SignedOut,
    Forbidden {
        action_phrase: String,
    },
    NotFound {
        what: PageNotFound,
    },
    Invalid {
        violations: Vec<Violation>,
    },
    /// The current state does not allow the action.
    Conflict {
        sentence: String,
    },
    /// The action is possible again after a while.
    Wait(Wait),
    Internal,
}

/// Why a person has to wait, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Whether it is the server that is busy, and not the person who did too much.
    pub is_busy: bool,
    pub code: &'static str,
    pub title: &'static str,
    /// What happened, and when to try again.
    pub sentence: String,
    pub span: Duration,
}

impl Wait {
    /// Returns 503 if the server is busy, and 429 otherwise.
    pub fn status(&self) -> StatusCode {
        if self.is_busy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::TOO_MANY_REQUESTS }
    }

    /// Returns the sentence as an error at a field. The form is shown again with what was entered.
    pub fn at(&self, field: &'static str) -> Violation {
        Violation::new(field, self.code, self.sentence.clone())
    }
}

/// A thing that does not exist, or that the user is not allowed to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageNotFound {
    Organization,
    Member,
    Invitation,
    Role,
    Resource,
    Mail,
    Link,
    Person,
    Act,
    Job,
    Page,
}

impl PageError {
    /// Returns how long to wait before trying again, if that helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Wait(wait) => Some(wait.span),
            Self::SignedOut
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Invalid { .. }
            | Self::Conflict { .. }
            | Self::Internal => None,
        }
    }

    /// Returns the stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "missing",
            Self::Invalid { .. } => "invalid",
            Self::Conflict { .. } => "conflict",
            Self::Wait(wait) => wait.code,
            Self::Internal => "internal",
        }
    }

    pub fn title(&self) -> &'static str {
        match self {
            Self::SignedOut => "You are signed out",
            Self::Forbidden { .. } => "You don’t have permission to do this",
            Self::NotFound { what } => what.title(),
            Self::Invalid { .. } => "Something in this URL is wrong",
            Self::Conflict { .. } => "This can’t be done now",
            Self::Wait(wait) => wait.title,
            Self::Internal => "Something failed on our side",
        }
    }

    /// Returns what happened, and what to do next.
    pub fn sentence(&self) -> String {
        match self {
            Self::SignedOut => "Sign in to continue.".to_owned(),
            Self::Forbidden { action_phrase } => {
                format!("Your roles don’t let you {action_phrase}. Ask an owner for one that does.")
            }
            Self::NotFound { what } => what.sentence().to_owned(),
            Self::Invalid { violations } => {
                violations.first().map_or_else(String::new, |violation| violation.sentence.clone().into_owned())
            }
            Self::Conflict { sentence } => sentence.clone(),
            Self::Wait(wait) => wait.sentence.clone(),
            Self::Internal => "Nothing was changed. Try again, or tell your admin when this happened.".to_owned(),
        }
    }
}

impl PageNotFound {
    fn title(self) -> &'static str {
        match self {
            Self::Organization => "There is no such organization",
            Self::Member => "There is no such member",
            Self::Invitation => "There is no such invitation",
            Self::Role => "There is no such role",
            Self::Resource => "There is no such resource",
            Self::Mail => "There is no such email",
            Self::Link => "This link leads nowhere",
            Self::Person => "No data is stored for this email address",
            Self::Act => "Nothing was undone",
            Self::Job => "This is over",
            Self::Page => "This page doesn’t exist",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Organization => "Or you don’t belong to it. Ask someone there to invite you.",
            Self::Member => "They may have left. The list of members shows everyone who is here.",
            Self::Invitation => "Part of the URL may be missing. The list of invitations shows them all.",
            Self::Role => "It may have been deleted. Choose another.",
            Self::Resource => "It may have been deleted. The list of resources shows those that exist.",
            Self::Mail => "Emails are only kept for a while. The outbox shows those that still are.",
            Self::Link => "Part of it may be missing: copy the whole line from the mail, or open the mail again.",
            Self::Person => "Check the email address. Erased data can no longer be found.",
            Self::Act => "It was already undone, or done more than ten seconds ago.",
            Self::Job => "It ended some time ago, or someone else started it.",
            Self::Page => "Part of its address may be missing, or what was here was deleted.",
        }
    }
}

impl PageError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::Wait(wait) => wait.status(),
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Wait {
    /// Returns why and how long to wait, if the error is of that kind.
    pub fn of(error: &Error) -> Option<Self> {
        match error {
            Error::RateLimited(exceeded) => Some(Self {
                is_busy: false,
                code: exceeded.limit.code(),
                title: "Too many attempts",
                sentence: try_again(&exceeded.sentence(), exceeded.retry_after),
                span: exceeded.retry_after,
            }),
            Error::Busy(busy) => Some(Self {
                is_busy: true,
                code: busy.what.code(),
                title: shortage(busy.what),
                sentence: try_again(busy.what.sentence(), busy.retry_after),
                span: busy.retry_after,
            }),
            Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::NotFound(_)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::Closed(_)
            | Error::Rows(_)
            | Error::Internal(_) => None,
        }
    }
}

fn try_again(reason: &str, wait: Duration) -> String {
    format!("{reason} Try again in {}.", span(wait))
}

fn shortage(what: Shortage) -> &'static str {
    match what {
        Shortage::Passwords => "Too busy right now",
        Shortage::Database | Shortage::Storage => "Not available right now",
        Shortage::Certainty => "We don’t know whether this was done",
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        if let Some(wait) = Wait::of(&error) {
            return Self::Wait(wait);
        }
        match error {
            Error::Unauthenticated => Self::SignedOut,
            Error::Forbidden(permission) => Self::Forbidden { action_phrase: permission.action_phrase().to_owned() },
            Error::NotFound(missing) => Self::NotFound { what: missing.into() },
            Error::Invalid(violations) => Self::Invalid { violations },
            Error::Conflict(conflict) => Self::Conflict { sentence: sentence(&conflict).to_owned() },
            Error::Rows(rows) => Error::first_of(rows).into(),
            Error::Closed(status) => Self::Conflict { sentence: closed(status).to_owned() },
            // `Wait::of` above has already handled the first two
            Error::RateLimited(_) | Error::Busy(_) => Self::Internal,
            Error::Internal(cause) => {
                Cause::keep(cause);
                Self::Internal
            }
        }
    }
}

impl From<service::NotFound> for PageNotFound {
    fn from(missing: service::NotFound) -> Self {
        match missing {
            service::NotFound::Organization => Self::Organization,
            service::NotFound::Member => Self::Member,
            service::NotFound::Invitation => Self::Invitation,
            service::NotFound::Role => Self::Role,
            service::NotFound::Resource => Self::Resource,
            service::NotFound::ApiKey | service::NotFound::Webhook | service::NotFound::Delivery => Self::Page,
            service::NotFound::Act => Self::Act,
            service::NotFound::Job => Self::Job,
            service::NotFound::Person => Self::Person,
            service::NotFound::Mail => Self::Mail,
            service::NotFound::Link => Self::Link,
            service::NotFound::Route => Self::Page,
        }
    }
}

/// Returns what to do about a conflict.
pub fn sentence(conflict: &Conflict) -> &'static str {
    match conflict {
        Conflict::Invitation(conflict) => of_invitation(conflict),
        Conflict::Account(conflict) => of_account(*conflict),
        Conflict::Organization(OrganizationConflict::SlugTaken) => {
            "Another organization has this short name. Choose another."
        }
        Conflict::Organization(OrganizationConflict::AlreadySetUp) => "This is already set up. Sign in.",
        Conflict::LastOwner => "This is the last owner, so the role stays. Make someone else an owner first.",
        Conflict::Role(conflict) => of_role(*conflict),
        Conflict::Resource(ResourceConflict::ExternalIdTaken) => {
            "Another resource has this external id. Choose another."
        }
        Conflict::Resource(ResourceConflict::InUse(_)) => {
            "Members or invitations are limited to this. Change them first."
        }
        Conflict::Webhook(WebhookConflict::TooMany) => "An organization has at most 50 webhooks. Delete one first.",
        Conflict::Webhook(WebhookConflict::NotReplayable) => "It is already on its way, or its webhook is disabled.",
        Conflict::Mail(MailConflict::NoServer) => "No mail server is set up here, so nothing can be sent.",
        Conflict::Mail(MailConflict::Done) => "This email was already sent, or is no longer needed.",
        Conflict::Job(JobConflict::TooMany) => {
            "Three of these are already running. Wait for one to finish, or cancel it."
        }
        Conflict::Job(JobConflict::NothingMatches) => "None of the matching invitations can be changed like this.",
        Conflict::Request(RequestConflict::Changed) => {
            "Somebody has changed this since you opened it. Look again, then repeat your change."
        }
        Conflict::Request(RequestConflict::KeyReused) => "This key was used for something else.",
    }
}

fn of_invitation(conflict: &InvitationConflict) -> &'static str {
    match conflict {
        InvitationConflict::AlreadyMember => "This person is already a member.",
        InvitationConflict::AlreadyInvited(_) => "This person already has an open invitation.",
        InvitationConflict::Replaced => "A newer email has replaced this link.",
        InvitationConflict::InviterMayNot => {
            "The person who invited can no longer give these roles. Ask for a new invitation."
        }
        InvitationConflict::BeyondLimit => {
            "This invitation is for more than the resources that you are limited to. Ask an owner to change it."
        }
        InvitationConflict::Erased => "The data of this person was erased. Send them a new invitation instead.",
        InvitationConflict::TooLate => "It is too late to undo this.",
    }
}

fn of_account(conflict: AccountConflict) -> &'static str {
    match conflict {
        AccountConflict::EmailTaken => "This email address already has an account. Sign in instead.",
        AccountConflict::WrongAccount => "This invitation is for another email address.",
        AccountConflict::MailboxUnproven => "Prove first that the email address is yours.",
    }
}

fn of_role(conflict: RoleConflict) -> &'static str {
    match conflict {
        RoleConflict::KeyTaken => "Another role has this key. Choose another.",
        RoleConflict::BuiltIn => "This role is built in and can’t be changed. Create one of your own.",
        RoleConflict::InUse(_) => "Members have this role, or are invited to it. Give them another first.",
    }
}

fn closed(status: Status) -> &'static str {
    match status {
        Status::Pending => "The invitation is open.",
        Status::Accepted => "The invitation was accepted before your change. Nothing was changed.",
        Status::Declined => "The invitation was declined before your change. Nothing was changed.",
        Status::Revoked => "Someone revoked this invitation before you. Nothing was changed.",
        Status::Expired => "The invitation expired before your change. Resend it to open it again.",
    }
}
