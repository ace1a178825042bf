//! Lists by offset, as vendors' clients ask for them: in any order, starting at any row. Vestibule's own lists use
//! cursors, which neither skip nor repeat rows while others write; see [`super::page`].

use super::{
    Invitation, InvitationId, Name, Resource, ResourceId, Role, RoleId, Status, User, Violation,
    bounds::{few, short},
    token::Token,
};

/// Which invitations to list, in which order, and which part of the list.
#[derive(Clone, Debug)]
pub struct OffsetPageRequest {
    /// The statuses to list. If empty, all.
    pub statuses: Vec<Status>,
    /// The whole email addresses to list, in their normal form. If empty, all.
    pub emails: Vec<String>,
    /// The roles of which an invitation must have at least one. If empty, any will do.
    pub role_ids: Vec<RoleId>,
    /// The resources of which an invitation must be limited to at least one. If empty, any will do, as well as none.
    pub resource_ids: Vec<ResourceId>,
    /// A part of the email address, in any case.
    pub text: Option<String>,
    /// An invitation that is listed in addition to those that match `text`.
    pub or_id: Option<InvitationId>,
    pub order: OffsetPageOrder,
    pub is_descending: bool,
    /// The invitation after which the list starts.
    pub after: Option<InvitationId>,
    pub offset: u32,
    pub limit: u32,
}

/// What the rows are sorted by. Equal rows are sorted by creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OffsetPageOrder {
    #[default]
    Created,
    Email,
    Expires,
    /// Sorts by when the present link was created.
    Issued,
    /// Sorts by what follows the first word of the name, then by email address, whose direction may be the opposite
    /// one.
    LastName {
        email_descends: bool,
    },
}

/// An invitation with all the people and things that it refers to. Vendors' response bodies are built from it.
#[derive(Clone, Debug)]
pub struct InvitationView {
    pub invitation: Invitation,
    /// The status by the clock of the request; see [`Invitation::status`].
    pub status: Status,
    /// The person who invited, or in whose name a program did.
    pub person: Option<User>,
    /// The name of the key by which a program invited.
    pub program: Option<Name>,
    /// The roles in the organization's order, those with the most permissions first.
    pub roles: Vec<Role>,
    /// The resources that the invitation is limited to, in order of creation. If empty, it is not limited.
    pub resources: Vec<Resource>,
    /// The token of the link to share. It is there while the invitation is pending, and only for those who may invite.
    pub token: Option<Token>,
}

/// One part of a list.
#[derive(Clone, Debug)]
pub struct OffsetPage {
    pub rows: Vec<InvitationView>,
    /// The number of rows in all parts together.
    pub total: u64,
}

impl OffsetPageRequest {
    /// Rejects a list with more values, or a longer search, than one statement can handle.
    pub fn check(&self) -> Result<(), Violation> {
        few("status", &self.statuses)?;
        few("email", &self.emails)?;
        few("role_ids", &self.role_ids)?;
        few("resource_ids", &self.resource_ids)?;
        short("query", self.text.as_deref())
    }

    /// Checks whether the request has no condition but the status. The order and the part don't matter.
    pub fn is_of_status_only(&self) -> bool {
        let Self {
            statuses: _,
            emails,
            role_ids,
            resource_ids,
            text,
            or_id,
            order: _,
            is_descending: _,
            after: _,
            offset: _,
            limit: _,
        } = self;
        emails.is_empty() && role_ids.is_empty() && resource_ids.is_empty() && text.is_none() && or_id.is_none()
    }

    /// Returns a list of all invitations, newest first.
    pub fn new(offset: u32, limit: u32) -> Self {
        Self {
            statuses: Vec::new(),
            emails: Vec::new(),
            role_ids: Vec::new(),
            resource_ids: Vec::new(),
            text: None,
            or_id: None,
            order: OffsetPageOrder::default(),
            is_descending: true,
            after: None,
            offset,
            limit,
        }
    }
}
