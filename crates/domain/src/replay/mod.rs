//! Replay: compares rows with what the events say about them. A change that was made by hand in the database is in only
//! one of the two.
//!
//! Events say when an invitation was created, for whom and with which roles, and how it ended; who joined, with which
//! roles, and who left; which roles, keys, webhooks and resources were created and deleted. They don't say what is in a
//! message or in metadata, nor the email address of an organization's first owner.

use super::{
    ApiKeyId, EmailAddress, ErasedPerson, Fact, InvitationId, MemberId, OrganizationId, Permission, ResourceId, Role,
    RoleId, Status, UndoneChange, WebhookEndpointId,
};
use std::collections::{BTreeMap, BTreeSet};

/// An event, as far as this module needs it. Events that can't be read are reported by the check of the chain.
#[derive(Clone, Debug)]
pub struct ReplayedEvent {
    pub organization_id: OrganizationId,
    pub number: u64,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    pub fact: Fact,
}

impl ReplayedEvent {
    /// Returns the event as it will be once the person has been erased from it. Their row has been replaced before.
    #[must_use]
    pub fn without(mut self, person: &ErasedPerson, is_own: bool) -> Self {
        self.fact = person.fact(&self.fact, is_own);
        self
    }
}

/// A row of the invitations.
#[derive(Clone, Debug)]
pub struct StoredInvitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub email: String,
    pub email_typed: String,
    pub role_ids: Vec<RoleId>,
    pub generation: u64,
    /// The highest number of a link, if it is not the present one's.
    pub last_generation: Option<u64>,
    pub status: String,
    pub member_id: Option<MemberId>,
}

/// A row of the members, with the email address of their account.
#[derive(Clone, Debug)]
pub struct StoredMember {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub role_ids: Vec<RoleId>,
    pub invitation_id: Option<InvitationId>,
    pub email: String,
    pub email_typed: String,
    /// The email address of the invitation by which they joined.
    pub invited: Option<String>,
}

/// The other things of an organization, as their rows say.
#[derive(Clone, Debug, Default)]
pub struct OrganizationThings {
    pub roles: Vec<Role>,
    /// The API keys, each with whether it still works.
    pub api_keys: BTreeMap<ApiKeyId, bool>,
    pub endpoints: BTreeSet<WebhookEndpointId>,
    pub resources: BTreeSet<ResourceId>,
}

/// The roles of an organization with all names that they ever had.
#[derive(Clone, Debug, Default)]
pub struct RoleNames(Vec<RoleHistory>);

#[derive(Clone, Debug)]
struct RoleHistory {
    key: String,
    /// None if the role is gone.
    id: Option<RoleId>,
    /// The names, each from the event with this number on.
    names: Vec<(u64, String)>,
    ended: Option<u64>,
    permissions: Option<String>,
}

/// Returns what is wrong with an invitation, each as a half sentence to be put after its id, or nothing if row and
/// events agree. `events` are all events of the invitation, oldest first.
pub fn of_invitation(row: Option<&StoredInvitation>, events: &[ReplayedEvent], roles: &RoleNames) -> Vec<String> {
    let Some(life) = InvitationHistory::of(events) else {
        return Vec::from_iter(row.map(|_| "is there, and no event says that it was made".to_owned()));
    };
    let Some(row) = row else { return vec![format!("is gone, and its events say that it is {}", life.status)] };
    let mut faults = Vec::new();
    if life.organization_id != row.organization_id {
        faults.push("is in another organization than its events".to_owned());
    }
    if row.status != life.status.as_str() {
        faults.push(format!("is {}, and its events say {}", row.status, life.status));
    }
    if life.email != row.email {
        faults.push(format!("is for {}, and its events say {}", row.email, life.email));
    } else if normal(&row.email_typed).is_some_and(|typed| typed != row.email) {
        faults.push(format!("is mailed to {}, and its events say {}", row.email_typed, life.email));
    }
    let highest = row.last_generation.unwrap_or_default().max(row.generation);
    if row.generation < life.generation || (!life.is_edited && row.generation > life.generation) {
        faults.push(format!("has link {}, and its events say {}", row.generation, life.generation));
    } else if highest < life.highest {
        faults.push(format!("has had links up to {highest}, and its events say {}", life.highest));
    }
    if row.member_id != life.member_id {
        faults.push("names another member than its events".to_owned());
    }
    if let Some((number, names)) = &life.roles {
        faults.extend(roles.difference(*number, names, &row.role_ids).map(|words| format!("offers {words}")));
    }
    faults
}

/// Returns what is wrong with a membership, in the same form as [`of_invitation`].
pub fn of_member(row: Option<&StoredMember>, events: &[ReplayedEvent], roles: &RoleNames) -> Vec<String> {
    let belonging = MembershipHistory::of(events);
    let (row, belonging) = match (row, belonging) {
        (None, None | Some(MembershipHistory { is_over: true, .. })) => return Vec::new(),
        (None, Some(_)) => return vec!["is gone, and no event says that they left".to_owned()],
        (Some(_), None) => return vec!["is there, and no event says that they joined".to_owned()],
        (Some(_), Some(MembershipHistory { is_over: true, .. })) => {
            return vec!["is there, and its events say that they left".to_owned()];
        }
        (Some(row), Some(belonging)) => (row, belonging),
    };
    let mut faults = Vec::new();
    if belonging.organization_id != row.organization_id {
        faults.push("is in another organization than its events".to_owned());
    }
    if belonging.invitation_id != row.invitation_id {
        faults.push("joined by another invitation than its events say".to_owned());
    }
    if let Some(invited) = row.invited.as_ref().filter(|invited| **invited != row.email) {
        faults.push(format!("has an account at {}, and was invited at {invited}", row.email));
    } else if let Some(typed) = normal(&row.email_typed).filter(|typed| *typed != row.email) {
        faults.push(format!("has an account at {}, which was typed as {typed}", row.email));
    }
    faults.extend(
        roles.difference(belonging.number, &belonging.roles, &row.role_ids).map(|words| format!("holds {words}")),
    );
    faults
}

/// The state of an invitation according to its events.
struct InvitationHistory {
    organization_id: OrganizationId,
    email: String,
    status: Status,
    generation: u64,
    /// The highest number that a link has had.
    highest: u64,
    /// Whether it was edited since the last resend: an edit may create a new link, and its event does not say so.
    is_edited: bool,
    member_id: Option<MemberId>,
    /// The roles from the event with this number on, or `None` after an edit, whose event names them all in one text.
    roles: Option<(u64, Vec<String>)>,
    /// What `roles` was before the last edit, which an undo brings back.
    before_edit: Option<(u64, Vec<String>)>,
}

impl InvitationHistory {
    /// Returns `None` if the first event is not the creation.
    fn of(events: &[ReplayedEvent]) -> Option<Self> {
        let first = events.first()?;
        let Fact::InvitationCreated { email, roles } = &first.fact else { return None };
        let mut life = Self {
            organization_id: first.organization_id,
            email: email.clone(),
            status: Status::Pending,
            generation: 1,
            highest: 1,
            is_edited: false,
            member_id: None,
            roles: Some((first.number, roles.clone())),
            before_edit: None,
        };
        events.iter().for_each(|event| life.goes_on(event));
        Some(life)
    }

    fn goes_on(&mut self, event: &ReplayedEvent) {
        match &event.fact {
            Fact::InvitationAccepted { .. } => (self.status, self.member_id) = (Status::Accepted, event.member_id),
            Fact::InvitationDeclined { .. } => self.status = Status::Declined,
            Fact::InvitationRevoked {} => self.status = Status::Revoked,
            Fact::InvitationExpired {} => self.status = Status::Expired,
            Fact::InvitationResent { generation, .. } => {
                (self.status, self.generation) = (Status::Pending, u64::from(*generation));
                self.highest = self.highest.max(self.generation);
                self.is_edited = false;
            }
            Fact::InvitationChangeUndone { change, status, generation, .. } => {
                (self.status, self.generation) = (*status, u64::from(*generation));
                self.is_edited = false;
                if *change == UndoneChange::Edited {
                    self.roles = self.before_edit.take();
                }
            }
            Fact::InvitationEdited { changes } => {
                self.is_edited = true;
                self.before_edit = self.roles.clone();
                if changes.iter().any(|change| change.field == "roles") {
                    self.roles = None;
                }
            }
            _ => {}
        }
    }
}

/// The state of a membership according to its events.
struct MembershipHistory {
    organization_id: OrganizationId,
    invitation_id: Option<InvitationId>,
    number: u64,
    roles: Vec<String>,
    is_over: bool,
}

impl MembershipHistory {
    /// Returns `None` if no event says that they joined.
    fn of(events: &[ReplayedEvent]) -> Option<Self> {
        let mut belonging = None;
        for event in events {
            match (&event.fact, &mut belonging) {
                (Fact::MemberAdded { roles, .. }, _) => {
                    belonging = Some(Self {
                        organization_id: event.organization_id,
                        invitation_id: event.invitation_id,
                        number: event.number,
                        roles: roles.clone(),
                        is_over: false,
                    });
                }
                (Fact::MemberRolesChanged { to, .. }, Some(belonging)) => {
                    (belonging.number, belonging.roles) = (event.number, to.clone());
                }
                (Fact::MemberRemoved { .. } | Fact::MemberLeft { .. }, Some(belonging)) => belonging.is_over = true,
                _ => {}
            }
        }
        belonging
    }
}

impl RoleNames {
    /// Returns the names that the roles had, and what is wrong with roles, keys, webhooks and resources. `facts` are
    /// the events about these, oldest first, each with its number.
    pub fn compared(things: &OrganizationThings, facts: &[(u64, Fact)]) -> (Self, Vec<String>) {
        let mut names = Self::built_in(things);
        let mut made = OrganizationThings::default();
        for (number, fact) in facts {
            names.goes_on(*number, fact);
            made.goes_on(fact);
        }
        let mut faults = names.meet(&things.roles);
        faults.extend(made.differences(things));
        (names, faults)
    }

    fn built_in(things: &OrganizationThings) -> Self {
        let built_in = Role::built_in().into_iter().map(|(key, name, permissions)| RoleHistory {
            key: key.to_owned(),
            id: things.roles.iter().find(|role| role.key == key).map(|role| role.id),
            names: vec![(0, name.to_owned())],
            ended: None,
            permissions: Some(listed(&permissions)),
        });
        Self(built_in.collect())
    }

    fn goes_on(&mut self, number: u64, fact: &Fact) {
        match fact {
            Fact::RoleCreated { key, name, permissions } => self.0.push(RoleHistory {
                key: key.clone(),
                id: None,
                names: vec![(number, name.clone())],
                ended: None,
                permissions: Some(listed(permissions)),
            }),
            Fact::RoleEdited { key, name, changes, .. } => {
                let Some(life) = self.living(key) else { return };
                life.names.push((number, name.clone()));
                if let Some(change) = changes.iter().find(|change| change.field == "permissions") {
                    life.permissions = Some(change.to.clone());
                }
            }
            Fact::RoleDeleted { key, .. } => {
                if let Some(life) = self.living(key) {
                    life.ended = Some(number);
                }
            }
            _ => {}
        }
    }

    fn living(&mut self, key: &str) -> Option<&mut RoleHistory> {
        self.0.iter_mut().find(|life| life.key == key && life.ended.is_none())
    }

    /// Matches roles and rows by key. Returns which rows have no event, which roles have no row, and which rows differ
    /// in name or permissions.
    fn meet(&mut self, rows: &[Role]) -> Vec<String> {
        let mut faults = Vec::new();
        for row in rows {
            let Some(life) = self.living(&row.key) else {
                faults.push(format!("role {} is there, and no event says that it was made", row.key));
                continue;
            };
            life.id = Some(row.id);
            let (allows, told) = (listed(&row.permissions), life.permissions.clone().unwrap_or_default());
            if allows != told {
                faults.push(format!(
                    "role {} allows {}, and its events say {}",
                    row.key,
                    or_nothing(&allows),
                    or_nothing(&told)
                ));
            }
            if let Some((_, name)) = life.names.last().filter(|(_, name)| *name != row.name) {
                faults.push(format!("role {} is called {}, and its events say {name}", row.key, row.name));
            }
        }
        let gone = self.0.iter().filter(|life| life.ended.is_none() && !rows.iter().any(|row| row.key == life.key));
        faults.extend(gone.map(|life| format!("role {} is gone, and no event says that it was deleted", life.key)));
        faults
    }

    /// Returns how the roles with these ids differ from those that had these names when the event with this number was
    /// written, like `Owner, and its events say Member`. Returns `None` if they don't differ, or if two roles had the
    /// same name, so that it can't be decided.
    fn difference(&self, number: u64, names: &[String], ids: &[RoleId]) -> Option<String> {
        let mut told = BTreeSet::new();
        for name in names {
            let mut called = self.0.iter().filter(|life| life.name_at(number) == Some(name.as_str()));
            let (Some(life), None) = (called.next(), called.next()) else { return None };
            told.insert(life.id?);
        }
        let held: BTreeSet<RoleId> = ids.iter().copied().collect();
        (held != told).then(|| format!("{}, and its events say {}", self.words(&held), self.words(&told)))
    }

    fn words(&self, ids: &BTreeSet<RoleId>) -> String {
        let name = |id: &RoleId| {
            let life = self.0.iter().find(|life| life.id == Some(*id));
            life.and_then(|life| life.names.last())
                .map_or_else(|| format!("a role that is not there ({id})"), |(_, name)| name.clone())
        };
        or_nothing(&ids.iter().map(name).collect::<Vec<_>>().join(", ")).to_owned()
    }
}

impl RoleHistory {
    fn name_at(&self, number: u64) -> Option<&str> {
        if self.ended.is_some_and(|ended| ended < number) {
            return None;
        }
        self.names.iter().rev().find(|(from, _)| *from <= number).map(|(_, name)| name.as_str())
    }
}

impl OrganizationThings {
    fn goes_on(&mut self, fact: &Fact) {
        match fact {
            Fact::ApiKeyCreated { id, .. } => _ = self.api_keys.insert(*id, true),
            Fact::ApiKeyRevoked { id, .. } => _ = self.api_keys.insert(*id, false),
            Fact::WebhookCreated { id, .. } => _ = self.endpoints.insert(*id),
            Fact::WebhookDeleted { id, .. } => _ = self.endpoints.remove(id),
            Fact::ResourceCreated { id, .. } => _ = self.resources.insert(*id),
            Fact::ResourceDeleted { id, .. } => _ = self.resources.remove(id),
            _ => {}
        }
    }

    /// Returns how the rows differ from what the events have created.
    fn differences(&self, rows: &Self) -> Vec<String> {
        let mut faults = Vec::new();
        for (id, works) in &rows.api_keys {
            match self.api_keys.get(id) {
                None => faults.push(format!("API key {id} is there, and no event says that it was made")),
                Some(false) if *works => {
                    faults.push(format!("API key {id} works, and its events say that it was revoked"))
                }
                Some(true) if !works => faults.push(format!("API key {id} is revoked, and no event says so")),
                Some(_) => {}
            }
        }
        let gone = self.api_keys.keys().filter(|id| !rows.api_keys.contains_key(id));
        faults.extend(gone.map(|id| format!("API key {id} is gone")));
        faults.extend(unlike("webhook", &self.endpoints, &rows.endpoints));
        faults.extend(unlike("resource", &self.resources, &rows.resources));
        faults
    }
}

fn unlike<I: Ord + std::fmt::Display>(noun: &str, told: &BTreeSet<I>, there: &BTreeSet<I>) -> Vec<String> {
    let new = there.difference(told).map(|id| format!("{noun} {id} is there, and no event says that it was made"));
    let gone = told.difference(there).map(|id| format!("{noun} {id} is gone, and no event says that it was deleted"));
    new.chain(gone).collect()
}

/// Returns the permissions in the form that the event of an edit has.
fn listed(permissions: &[Permission]) -> String {
    permissions.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ")
}

fn or_nothing(words: &str) -> &str {
    if words.is_empty() { "nothing" } else { words }
}

/// Returns the form in which email addresses are compared, or `None` if the text is not an email address by today's
/// rules.
fn normal(typed: &str) -> Option<String> {
    EmailAddress::parse(typed).ok().map(|email| email.as_str().to_owned())
}

#[cfg(test)]
mod tests;
