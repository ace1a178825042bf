//! What lists, pages and forms show: domain things with the words beside them that a reader needs.

use super::{
    Begin, Counts, EmailAddress, Event, Instant, Invitation, InvitationId, Mail, MailState, Name, Organization, Page,
    Power, Resource, ResourceId, ResourceLimit, Role, RoleId, Status, User, power,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// An invitation with its people and roles by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRow {
    pub invitation: Invitation,
    /// By the clock of the request; see [`Invitation::status`].
    pub status: Status,
    pub inviter: Name,
    /// In the organization's order of roles.
    pub roles: Vec<Role>,
    /// What it is limited to, in the order they were made; empty: not limited.
    pub resources: Vec<Resource>,
}

impl InvitationRow {
    /// The roles' display names.
    pub fn role_names(&self) -> Vec<&str> {
        self.roles.iter().map(|role| role.name.as_str()).collect()
    }
}

/// Which invitations to list. Everything empty lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationFilter {
    pub status: Option<Status>,
    /// Part of an address or of a name, in any case.
    pub text: Option<String>,
    pub role_id: Option<RoleId>,
    /// The whole address, in its normal form.
    pub email: Option<String>,
    pub mail_state: Option<MailState>,
    /// A user, or an API key.
    pub inviter_id: Option<Uuid>,
    /// From this moment on.
    pub created_from: Option<Instant>,
    /// Before this moment.
    pub created_to: Option<Instant>,
    pub begin: Begin,
}

impl InvitationFilter {
    /// Whether nothing but the status is asked for.
    pub fn is_of_status_only(&self) -> bool {
        *self == Self { status: self.status, begin: self.begin, ..Self::default() }
    }
}

/// A page of the list; `counts` follow text and role but not the status, so that they can stand on the tabs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationList {
    pub page: Page<InvitationRow>,
    pub counts: Counts,
    /// The clock that statuses were read by.
    pub now: Instant,
}

/// All there is to one invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationDetail {
    pub row: InvitationRow,
    /// Newest first.
    pub events: Vec<Event>,
    /// Mails of its outbox to the invitee, newest first.
    pub mails: Vec<Mail>,
    /// The shared link, while pending and for those who may invite.
    pub link: Option<String>,
    pub now: Instant,
}

/// What came of one address of an invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Invited {
        id: InvitationId,
    },
    AlreadyInvited {
        id: InvitationId,
        inviter: Name,
        expires_at: Instant,
    },
    AlreadyMember {
        roles: Vec<String>,
    },
    /// The same address stands further up in the text.
    WrittenTwice,
    /// `sentence` says why, and what to do.
    Refused {
        code: String,
        sentence: String,
    },
}

/// One address of an invite, as written, with what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    pub name: Option<String>,
    pub address: String,
    pub outcome: Outcome,
}

/// An invite of several people at once, as the form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// In any shape that [`super::recipients::split`] takes.
    pub recipients: String,
    pub role_ids: Vec<RoleId>,
    /// What they are limited to; empty: not limited.
    pub resource_ids: Vec<ResourceId>,
    pub message: String,
    /// Days; empty takes the organization's.
    pub expires_in_days: Option<u16>,
    /// Whether mails are sent; otherwise the links are for copying.
    pub notify: bool,
}

/// A new offer for a pending invitation; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationEdit {
    pub role_ids: Option<Vec<RoleId>>,
    pub resource_ids: Option<Vec<ResourceId>>,
    pub message: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    pub private_metadata: Option<Map<String, Value>>,
    /// `Some(None)` takes it away.
    pub redirect_url: Option<Option<String>>,
    /// `Some(None)` takes it away.
    pub locale: Option<Option<String>>,
    /// Days from now, 1 to 365.
    pub expires_in_days: Option<u16>,
    /// Instead of days: a time to come, within a year.
    pub expires_at: Option<Instant>,
}

/// What came of one invitation in a change of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changed {
    Done,
    /// It had this status already; `by` names who closed it, where somebody did.
    Closed {
        status: Status,
        name: String,
    },
    /// It offers more than the one who asks may give.
    Forbidden {
        name: String,
    },
    Missing,
    /// A rate limit was reached; later it passes.
    Limited {
        name: String,
    },
}

/// Who has something that is to be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    pub members: u64,
    /// Open ones.
    pub invitations: u64,
}

impl Uses {
    pub fn total(self) -> u64 {
        self.members + self.invitations
    }
}

/// Which mails to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFilter {
    pub state: Option<MailState>,
    pub text: Option<String>,
}

/// How many mails an organization's outbox holds in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailCounts {
    pub queued: u64,
    pub sent: u64,
    pub deferred: u64,
    pub failed: u64,
    pub cancelled: u64,
    pub held: u64,
}

impl MailCounts {
    pub fn of(&self, state: MailState) -> u64 {
        match state {
            MailState::Queued => self.queued,
            MailState::Sent => self.sent,
            MailState::Deferred => self.deferred,
            MailState::Failed => self.failed,
            MailState::Cancelled => self.cancelled,
            MailState::Held => self.held,
            MailState::LinkOnly => 0,
        }
    }

    pub fn total(&self) -> u64 {
        self.queued + self.sent + self.deferred + self.failed + self.cancelled + self.held
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailList {
    pub page: Page<Mail>,
    pub counts: MailCounts,
    /// Whether a mail server is set up; without one the outbox is where mail is read.
    pub has_server: bool,
    pub now: Instant,
}

/// One mail, rendered as it would be sent now, with its link or code masked. Where no mail server is set up, the link is
/// there for those who could have made it: as one to hand over, which proves no mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDetail {
    pub mail: Mail,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Headers and both parts, as on the wire.
    pub raw: String,
    pub has_server: bool,
    /// Whether the link in it is there, and not masked.
    pub shows_link: bool,
    pub now: Instant,
}

/// Who is signed in, where, and what they may do there: what the portal's frame shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    pub user: User,
    pub organization: Organization,
    /// All organizations of this person, by name.
    pub organizations: Vec<Organization>,
    pub permissions: Vec<super::Permission>,
    /// The resources that this person is limited to.
    pub limit: ResourceLimit,
    /// All roles of the organization, the mightiest first.
    pub roles: Vec<Role>,
    pub pending: u64,
    pub members: u64,
    pub failed_mails: u64,
}

impl Whereabouts {
    /// Whether this person may change, resend and revoke the invitation: those may who could have made it.
    pub fn may_change(&self, invitation: &Invitation) -> bool {
        let roles: Vec<Role> = power::offered(&self.roles, invitation).cloned().collect();
        Power::new(self.permissions.clone(), self.limit.clone()).may_offer(&roles, &invitation.resource_ids)
    }
}

/// What an acceptance page may tell whoever holds the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The public name of the visit that it is read by: forms and links carry it, so that they are of this offer.
    pub visit: String,
    pub organization: Organization,
    /// None when a program of the organization invited.
    pub inviter: Option<Name>,
    pub roles: Vec<String>,
    pub email: EmailAddress,
    pub name: Option<Name>,
    pub message: Option<super::Message>,
    pub issued_at: Instant,
    pub expires_at: Instant,
    pub now: Instant,
    /// What an answer agrees to.
    pub terms: super::Terms,
    pub step: Step,
}

impl Offer {
    /// Who is said to invite: a person, or the organization itself where a program of it did.
    pub fn inviter(&self) -> &str {
        self.inviter.as_ref().unwrap_or(&self.organization.name).as_str()
    }
}

/// Where an invitee stands: what they can do next, or why nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// The mailbox is proved, and no account has the address: name and password.
    New,
    /// The mailbox is proved, and the address has an account: sign in.
    SignIn,
    /// Signed in as the invitee: one button.
    Join,
    /// Came by a shared link, and no mail server could mail a code: make an account, or sign in. Whether the address has
    /// one is not told.
    NewOrSignIn,
    /// Came by a shared link: prove the mailbox by a code, or by signing in. Whether the address has an account is not
    /// told. `asked` when a code was mailed; `tries` are left for it.
    Code {
        asked: bool,
        tries: u8,
    },
    /// Signed in as somebody else.
    WrongAccount {
        signed_in: EmailAddress,
    },
    /// Signed in as the invitee, who is a member already.
    AlreadyMember,
    /// The inviter may not give these roles any more.
    InviterMayNot,
    /// A resend made this link void; `issued_at` of the offer says when.
    Replaced,
    Expired,
    Accepted {
        at: Instant,
    },
    Declined {
        at: Instant,
    },
    Revoked {
        at: Instant,
    },
}

impl Step {
    /// Whether the offer stands, whoever has to do what next.
    pub fn is_open(&self) -> bool {
        match self {
            Self::New
            | Self::SignIn
            | Self::Join
            | Self::NewOrSignIn
            | Self::Code { .. }
            | Self::WrongAccount { .. }
            | Self::AlreadyMember => true,
            Self::InviterMayNot
            | Self::Replaced
            | Self::Expired
            | Self::Accepted { .. }
            | Self::Declined { .. }
            | Self::Revoked { .. } => false,
        }
    }
}
