//! What lists, pages and forms show: domain things together with the names that a reader needs.

use super::{
    Begin, Counts, CursorPage, EmailAddress, Event, Instant, Invitation, InvitationId, Job, Mail, MailState, Name,
    Organization, Power, Resource, ResourceId, ResourceLimit, Role, RoleId, Status, User, Violation, bounds::short,
    power,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// An invitation with the names of its people and roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    pub invitation: Invitation,
    /// The status by the clock of the request; see [`Invitation::status`].
    pub status: Status,
    pub inviter: Name,
    /// The roles in the organization's order.
    pub roles: Vec<Role>,
    /// The resources that the invitation is limited to, in order of creation. If empty, it is not limited.
    pub resources: Vec<Resource>,
}

impl InvitationRow {
    /// Returns the display names of the roles.
    pub fn role_names(&self) -> Vec<&str> {
        self.roles.iter().map(|role| role.name.as_str()).collect()
    }
}

/// Which invitations to list. A filter with nothing set lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InvitationFilter {
    pub status: Option<Status>,
    /// Words of an email address or of a name: see [`crate::search`].
    pub text: Option<String>,
    pub role_id: Option<RoleId>,
    /// The whole email address in its normal form.
    pub email: Option<String>,
    pub mail_state: Option<MailState>,
    /// The id of a user or of an API key.
    pub inviter_id: Option<Uuid>,
    /// The first moment of creation to list.
    pub created_from: Option<Instant>,
    /// The moment before which listed invitations were created.
    pub created_to: Option<Instant>,
    #[serde(skip)]
    pub begin: Begin,
}

impl InvitationFilter {
    /// Rejects a filter that searches for too long a text.
    pub fn check(&self) -> Result<(), Violation> {
        short("q", self.text.as_deref())?;
        short("email", self.email.as_deref())
    }

    /// Checks whether the filter has no condition but the status.
    pub fn is_of_status_only(&self) -> bool {
        *self == Self { status: self.status, begin: self.begin, ..Self::default() }
    }
}

/// A page of the list. `counts` respect the other filters but not the status, so that they can be shown on the tabs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationList {
    pub page: CursorPage<InvitationRow>,
    pub counts: Counts<Status>,
    /// What the reader may do, and so which of them they may change.
    pub power: Power,
    /// The clock by which the statuses were read.
    pub now: Instant,
}

/// Everything about one invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationDetail {
    pub row: InvitationRow,
    /// The events, newest first.
    pub events: Vec<Event>,
    /// The mails to the invitee, newest first.
    pub mails: Vec<Mail>,
    /// The shared link. It is there while the invitation is pending, and only for those who may invite.
    pub link: Option<String>,
    pub now: Instant,
}

/// The result for one email address of an invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum InviteOutcome {
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
    /// The same email address is further up in the text.
    WrittenTwice,
    /// The email address is not invited. `sentence` says why, and what to do.
    Refused {
        code: String,
        sentence: String,
    },
}

/// One email address of an invite, as written, with the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteResult {
    pub name: Option<String>,
    pub address: String,
    pub outcome: InviteOutcome,
}

/// What would come of the recipients of an invite if it were sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientsPreview {
    /// The number of people who would be invited, without those whose address may have a typing error.
    pub ready: u64,
    /// The others, in the order written.
    pub others: Vec<RecipientPreview>,
    /// Why nobody would be invited, and what to do.
    pub refusal: Option<String>,
    pub now: Instant,
}

impl RecipientsPreview {
    /// Returns the number of people who would be invited.
    pub fn invited(&self) -> usize {
        let doubtful = self.others.iter().filter(|other| matches!(other.standing, RecipientStanding::Doubtful { .. }));
        usize::try_from(self.ready).unwrap_or(usize::MAX).saturating_add(doubtful.count())
    }
}

/// One email address of an invite, as written, with what would come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientPreview {
    pub address: String,
    pub standing: RecipientStanding,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipientStanding {
    /// Would be invited, but `likely` is probably what was meant.
    Doubtful { likely: String },
    /// Would not be invited, for the reason that the outcome says.
    LeftOut { outcome: InviteOutcome },
}

/// An invite of several people at once, as the form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invite {
    /// The email addresses, in any form that [`super::recipients::split`] takes.
    pub recipients: String,
    pub role_ids: Vec<RoleId>,
    /// The resources that the invitations are limited to. If empty, they are not limited.
    pub resource_ids: Vec<ResourceId>,
    pub message: String,
    /// The days until they expire, or `None` for the organization's setting.
    pub expires_in_days: Option<u16>,
    /// Whether mails are sent. If not, the links are for copying.
    pub notify: bool,
}

/// A new offer for a pending invitation. Fields that are `None` are not changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvitationEdit {
    pub role_ids: Option<Vec<RoleId>>,
    pub resource_ids: Option<Vec<ResourceId>>,
    pub message: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    pub private_metadata: Option<Map<String, Value>>,
    /// The new address to send the invitee to. `Some(None)` removes it.
    pub redirect_url: Option<Option<String>>,
    /// The new language. `Some(None)` removes it.
    pub locale: Option<Option<String>>,
    /// The days from now until it expires, 1 to 365.
    pub expires_in_days: Option<u16>,
    /// The moment when it expires, as an alternative to days. It must be in the future, and within a year.
    pub expires_at: Option<Instant>,
    /// The ETags of what was shown before the edit. What has changed since is not replaced.
    pub shown: Option<Vec<String>>,
}

/// The result for one invitation when several are changed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkOutcome {
    Done,
    /// It had this status already. `name` is who closed it, if somebody did.
    Closed {
        status: Status,
        name: String,
    },
    /// It offers more than the actor may give.
    Forbidden {
        name: String,
    },
    /// Somebody has changed its offer since it was shown.
    Changed {
        name: String,
    },
    Missing,
    /// A rate limit was reached. The change can be repeated later.
    Limited {
        name: String,
    },
}

/// How many of several invitations were changed, and why not the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: u64,
    pub closed: u64,
    /// Those that offer more than the one who acts can give.
    pub forbidden: u64,
    /// Those whose offer somebody has changed since it was shown.
    pub changed: u64,
    /// Those that exceeded a rate limit.
    pub limited: u64,
}

impl Tally {
    pub fn of(outcomes: &[(InvitationId, BulkOutcome)]) -> Self {
        let mut tally = Self::default();
        for (_, outcome) in outcomes {
            match outcome {
                BulkOutcome::Done => tally.done += 1,
                BulkOutcome::Closed { .. } => tally.closed += 1,
                BulkOutcome::Forbidden { .. } => tally.forbidden += 1,
                BulkOutcome::Changed { .. } => tally.changed += 1,
                BulkOutcome::Limited { .. } => tally.limited += 1,
                BulkOutcome::Missing => {}
            }
        }
        tally
    }

    /// Returns the sum of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            done: self.done + other.done,
            closed: self.closed + other.closed,
            forbidden: self.forbidden + other.forbidden,
            changed: self.changed + other.changed,
            limited: self.limited + other.limited,
        }
    }

    pub fn total(self) -> u64 {
        self.done + self.closed + self.forbidden + self.changed + self.limited
    }
}

/// How many members and open invitations have something that is about to be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub members: u64,
    /// The number of open invitations.
    pub invitations: u64,
}

impl Uses {
    pub fn total(self) -> u64 {
        self.members + self.invitations
    }
}

/// Which mails to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailFilter {
    pub state: Option<MailState>,
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailList {
    pub page: CursorPage<Mail>,
    pub counts: Counts<MailState>,
    /// Whether a mail server is set up. Without one, the outbox is where mails are read.
    pub has_server: bool,
    pub now: Instant,
}

/// One mail, rendered as it would be sent now, with its link or code masked. Without a mail server, the link is shown
/// to those who could have created the invitation. It is a link to share, which does not prove the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailDetail {
    pub mail: Mail,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The headers and both parts, as they are sent.
    pub raw: String,
    pub has_server: bool,
    /// Whether the link in the text is shown and not masked.
    pub shows_link: bool,
    pub now: Instant,
}

/// The mail of an invitation that was not made yet, as it would be sent now. Its link leads to no invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPreview {
    pub from: String,
    pub to: String,
    pub subject: String,
    /// What a list of mails shows beside the subject.
    pub preheader: String,
    pub text: String,
    pub html: String,
    /// What keeps this mail from being sent, or differs in the one that is.
    pub warnings: Vec<PreviewWarning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewWarning {
    /// There is no valid address, so the mail is to somebody made up.
    NoRecipient,
    /// None of the people would be invited, because they are members or invited already, or have been sent too much.
    NobodyInvited,
    /// No role is chosen, so the invitation can't be made.
    NoRole,
    /// Only links are made.
    LinksOnly,
    NoMailServer,
}

/// Who is signed in to which organization, and what they may do there. The portal's frame shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalFrame {
    pub user: User,
    pub organization: Organization,
    /// All organizations of this person, by name.
    pub organizations: Vec<Organization>,
    pub permissions: Vec<super::Permission>,
    /// The resources that this person is limited to.
    pub limit: ResourceLimit,
    /// All roles of the organization, those with the most permissions first.
    pub roles: Vec<Role>,
    pub pending: u64,
    pub members: u64,
    pub failed_mails: u64,
    /// This person's jobs here that are under way or have just ended, the newest first.
    pub jobs: Vec<Job>,
}

impl PortalFrame {
    /// Checks whether this person may edit, resend and revoke the invitation. They may if they could have created it.
    pub fn may_change(&self, invitation: &Invitation) -> bool {
        let roles: Vec<Role> = power::offered(&self.roles, invitation).cloned().collect();
        Power::new(self.permissions.clone(), self.limit.clone()).may_offer(&roles, &invitation.resource_ids)
    }
}

/// What an acceptance page may show to the holder of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The public name of the acceptance session by which the offer is read. Forms and links carry it, so that they
    /// refer to this offer.
    pub acceptance_session: String,
    pub organization: Organization,
    /// The inviter's name, or `None` if a program of the organization invited.
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
    pub step: AcceptanceStep,
}

impl Offer {
    /// Returns the name to show as the inviter: the person, or the organization if one of its programs invited.
    pub fn inviter(&self) -> &str {
        self.inviter.as_ref().unwrap_or(&self.organization.name).as_str()
    }
}

/// The situation of an invitee: what they can do next, or why they can do nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptanceStep {
    /// The mailbox is proved, and no account has the address: they choose a name and a password.
    New,
    /// The mailbox is proved, and an account has the address: they sign in.
    SignIn,
    /// They are signed in as the invitee: they press one button.
    Join,
    /// They came by a shared link, and there is no mail server to send a code: they create an account or sign in. The
    /// page does not reveal whether the address has one.
    NewOrSignIn,
    /// They came by a shared link: they prove the mailbox by a code, or by signing in. The page does not reveal whether
    /// the address has an account. `asked` says that a code was mailed, `tries` how many attempts are left for it.
    Code {
        asked: bool,
        tries: u8,
    },
    /// They are signed in as somebody else.
    WrongAccount {
        signed_in: EmailAddress,
    },
    /// They are signed in as the invitee, who is already a member.
    AlreadyMember,
    /// The inviter may no longer give these roles.
    InviterMayNot,
    /// A resend has made this link void. The offer's `issued_at` says when.
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

impl AcceptanceStep {
    /// Checks whether the offer stands, no matter who has to do what next.
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
