//! The pages of an organization, and what can be begun there: one list for the navigation and for the search.

use vestibule_domain::Permission::{self, *};

/// A page, or the page on which something is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path below the organization. With a slash at the beginning, it belongs to no organization.
    pub path: &'static str,
    pub name: &'static str,
    /// The heading of the navigation that it stands under. Empty: none.
    pub heading: &'static str,
    /// The name of its icon.
    pub glyph: &'static str,
    /// The permission without which it is not shown.
    pub needs: Option<Permission>,
}

impl Place {
    const fn new(path: &'static str, name: &'static str, glyph: &'static str, needs: Option<Permission>) -> Self {
        Self { path, name, heading: "", glyph, needs }
    }

    const fn below(self, heading: &'static str) -> Self {
        Self { heading, ..self }
    }

    /// Checks whether this is for somebody with these permissions.
    pub fn is_for(&self, permissions: &[Permission]) -> bool {
        self.needs.is_none_or(|needed| permissions.contains(&needed))
    }

    /// Returns its path in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        if self.path.starts_with('/') { self.path.to_owned() } else { format!("/o/{slug}/{}", self.path) }
    }
}

/// The pages of the navigation, in its order.
pub const PAGES: [Place; 10] = [
    Place::new("invitations", "Invitations", "door", None),
    Place::new("members", "Members", "people", None).below("People"),
    Place::new("roles", "Roles", "roles", Some(RoleEdit)).below("People"),
    Place::new("resources", "Resources", "resource", Some(OrganizationEdit)).below("People"),
    // the outbox is for users who can invite
    Place::new("outbox", "Outbox", "mail", Some(UserInvite)).below("Records"),
    Place::new("audit", "Audit log", "audit", Some(AuditRead)).below("Records"),
    Place::new("keys", "API keys", "key", Some(KeyEdit)).below("Connections"),
    Place::new("webhooks", "Webhooks", "webhook", Some(WebhookEndpointEdit)).below("Connections"),
    Place::new("connect", "Connect a client", "plug", Some(KeyEdit)).below("Connections"),
    Place::new("settings", "Settings", "settings", Some(OrganizationEdit)),
];

/// The pages that are not in the navigation, but around it.
pub(super) const OWN_PAGES: [Place; 2] = [
    Place::new("/profile", "Your profile", "settings", None),
    Place::new("/organizations", "Your organizations", "updown", None),
];

/// What can be begun.
pub(super) const ACTIONS: [Place; 6] = [
    Place::new("invitations/new", "Invite people", "plus", Some(UserInvite)),
    Place::new("roles/new", "New role", "plus", Some(RoleEdit)),
    Place::new("resources/new", "New resource", "plus", Some(OrganizationEdit)),
    Place::new("keys/new", "New API key", "plus", Some(KeyEdit)),
    Place::new("webhooks/new", "New webhook", "plus", Some(WebhookEndpointEdit)),
    Place::new("members/leave", "Leave the organization", "out", None),
];
