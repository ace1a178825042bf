//! Lists by number, as vendors' clients ask for them: in any order, from the n-th row on. Vestibule's own lists go by
//! cursor, which neither skips nor repeats while others write; see [`super::page`].

use super::{
    Invitation, InvitationId, Name, Resource, ResourceId, Role, RoleId, Status, User, Violation,
    bounds::{few, short},
    token::Token,
};

/// Which invitations, in which order, and which part of them.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Of these statuses; empty: of all.
    pub statuses: Vec<Status>,
    /// To one of these addresses, whole and in their normal form; empty: to any.
    pub emails: Vec<String>,
    /// With one of these roles; empty: with any.
    pub role_ids: Vec<RoleId>,
    /// Limited to one of these, among others; empty: limited to any, or not at all.
    pub resource_ids: Vec<ResourceId>,
    /// Part of an address, in any case.
    pub text: Option<String>,
    /// Beside those with the text, this one.
    pub or_id: Option<InvitationId>,
    pub order: SliceOrder,
    pub is_descending: bool,
    /// From the row after this one on.
    pub after: Option<InvitationId>,
    pub offset: u32,
    pub limit: u32,
}

/// What rows are sorted by; those that are equal in it, by creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SliceOrder {
    #[default]
    Created,
    Email,
    Expires,
    /// When the present link was made.
    Issued,
    /// What follows the first word of the name, then the address, which may run the other way.
    LastName {
        email_descends: bool,
    },
}

/// An invitation with everybody and everything that it names: what vendors' bodies are made of.
#[derive(Clone, Debug)]
pub struct InvitationView {
    pub invitation: Invitation,
    /// By the clock of the request; see [`Invitation::status`].
    pub status: Status,
    /// Who invited, or in whose name it was done.
    pub person: Option<User>,
    /// The program that invited, by its key's name.
    pub program: Option<Name>,
    /// In the organization's order of roles: the mightiest first.
    pub roles: Vec<Role>,
    /// What it is limited to, in the order they were made; empty: not limited.
    pub resources: Vec<Resource>,
    /// What the link to hand over is made of: while pending, and for those who may invite.
    pub token: Option<Token>,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Sliced {
    pub rows: Vec<InvitationView>,
    /// How many there are on all parts.
    pub total: u64,
}

impl Slice {
    /// Refuses more than one statement can look for.
    pub fn check(&self) -> Result<(), Violation> {
        few("status", &self.statuses)?;
        few("email", &self.emails)?;
        few("role_ids", &self.role_ids)?;
        few("resource_ids", &self.resource_ids)?;
        short("query", self.text.as_deref())
    }

    /// The newest first.
    pub fn new(offset: u32, limit: u32) -> Self {
        Self {
            statuses: Vec::new(),
            emails: Vec::new(),
            role_ids: Vec::new(),
            resource_ids: Vec::new(),
            text: None,
            or_id: None,
            order: SliceOrder::default(),
            is_descending: true,
            after: None,
            offset,
            limit,
        }
    }
}
