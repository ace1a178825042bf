//! What the present state can forbid, grouped by subject: a surface that never meets a group answers it in one arm.

use super::Error;
use vestibule_domain::InvitationId;

/// A valid request that the present state forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    Invitation(InvitationConflict),
    Account(AccountConflict),
    Organization(OrganizationConflict),
    /// The organization would be left without an owner.
    LastOwner,
    Role(RoleConflict),
    Resource(ResourceConflict),
    Webhook(WebhookConflict),
    Mail(MailConflict),
    Job(JobConflict),
    Request(RequestConflict),
}

/// The conflicts about an invitation and its invitee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationConflict {
    AlreadyMember,
    AlreadyInvited(InvitationId),
    /// A resend has made the link void.
    Replaced,
    /// The inviter can no longer give these roles.
    InviterMayNot,
    /// The invitation gives access to more than the resources that the caller is limited to.
    BeyondLimit,
    /// The invitee was erased, so there is nobody to invite.
    Erased,
    /// It was done too long ago to be taken back, or its mail is on its way.
    TooLate,
}

/// The conflicts about a user’s account and its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountConflict {
    /// The email address already has an account.
    EmailTaken,
    /// The invitation is for another email address than the signed-in user's.
    WrongAccount,
    /// The mailbox has to be proved first.
    MailboxUnproven,
}

/// The conflicts about a new organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationConflict {
    /// Another organization has the slug.
    SlugTaken,
    /// The installation has its first owner already.
    AlreadySetUp,
}

/// The conflicts about a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleConflict {
    /// Another role has the key.
    KeyTaken,
    /// The role is built in, so it can't be edited or deleted.
    BuiltIn,
    /// The number of members and invitations that have the role.
    InUse(u64),
}

/// The conflicts about a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceConflict {
    /// Another resource has the external id.
    ExternalIdTaken,
    /// The number of members and invitations that are limited to the resource.
    InUse(u64),
}

/// The conflicts about a webhook and its deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookConflict {
    /// The organization has reached the limit on webhooks.
    TooMany,
    /// The delivery is on its way already, or its webhook is disabled.
    NotReplayable,
}

/// The conflicts about mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailConflict {
    /// No mail server is set up, so nothing can be mailed.
    NoServer,
    /// The mail was sent already, or is no longer needed.
    Done,
}

/// The conflicts about starting a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobConflict {
    /// The organization has as many jobs under way as it may have.
    TooMany,
    /// There is nothing to do.
    NothingMatches,
}

/// The conflicts of a request with other requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestConflict {
    /// Somebody changed the same thing after it was read.
    Changed,
    /// The idempotency key was used before with another request.
    KeyReused,
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict)
    }
}

macro_rules! groups {
    ($($group:ident($conflict:ident)),* $(,)?) => {$(
        impl From<$conflict> for Conflict {
            fn from(conflict: $conflict) -> Self {
                Self::$group(conflict)
            }
        }

        impl From<$conflict> for Error {
            fn from(conflict: $conflict) -> Self {
                Self::Conflict(conflict.into())
            }
        }
    )*};
}

groups!(
    Invitation(InvitationConflict),
    Account(AccountConflict),
    Organization(OrganizationConflict),
    Role(RoleConflict),
    Resource(ResourceConflict),
    Webhook(WebhookConflict),
    Mail(MailConflict),
    Job(JobConflict),
    Request(RequestConflict),
);
