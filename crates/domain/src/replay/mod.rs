//! What the events say of a row, held against the row: a change that was made by hand is in one of them alone.
//!
//! Events say when an invitation was made and for whom, with which roles, and what became of it; who joined, with which
//! roles, and who left; which roles, keys, webhooks and resources were made and taken away. They don't say what is in a
//! message or in metadata, nor the address of an organization's first owner.

use super::{
    ApiKeyId, EmailAddress, EndpointId, ErasedPerson, Fact, InvitationId, MemberId, OrganizationId, Permission,
    ResourceId, Role, RoleId, Status,
};
use std::collections::{BTreeMap, BTreeSet};

/// An event as far as it is read here. Events that can't be read are the chain's to tell.
#[derive(Clone, Debug)]
pub struct Told {
    pub organization_id: OrganizationId,
    pub number: u64,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    pub fact: Fact,
}

impl Told {
    /// As it will be once the person is taken out of it, whose row is replaced already.
    #[must_use]
    pub fn without(mut self, person: &ErasedPerson, is_own: bool) -> Self {
        self.fact = person.fact(&self.fact, is_own);
        self
    }
}

/// A row of the invitations.
#[derive(Clone, Debug)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub email: String,
    pub email_typed: String,
    pub role_ids: Vec<RoleId>,
    pub generation: u64,
    pub status: String,
    pub member_id: Option<MemberId>,
}

/// A row of the members, with what their account says.
#[derive(Clone, Debug)]
pub struct MemberRow {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub role_ids: Vec<RoleId>,
    pub invitation_id: Option<InvitationId>,
    pub email: String,
    pub email_typed: String,
    /// Of the invitation by which they joined.
    pub invited: Option<String>,
}

/// The other things of an organization, as their rows say.
#[derive(Clone, Debug, Default)]
pub struct Things {
    pub roles: Vec<Role>,
    /// Each with whether it works still.
    pub api_keys: BTreeMap<ApiKeyId, bool>,
    pub endpoints: BTreeSet<EndpointId>,
    pub resources: BTreeSet<ResourceId>,
}

/// The roles of an organization under all names that they ever had.
#[derive(Clone, Debug, Default)]
pub struct RoleNames(Vec<RoleLife>);

#[derive(Clone, Debug)]
struct RoleLife {
    key: String,
    /// none: it is gone
    id: Option<RoleId>,
    /// each from the event of this number on
    names: Vec<(u64, String)>,
    ended: Option<u64>,
    permissions: Option<String>,
}

/// What is wrong with an invitation, each a half sentence after its id; nothing when row and events agree. `events` are
/// all of it, the oldest first.
pub fn of_invitation(row: Option<&InvitationRow>, events: &[Told], roles: &RoleNames) -> Vec<String> {
    let Some(life) = Life::of(events) else {
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
    if row.generation < life.generation || (!life.is_edited && row.generation > life.generation) {
        faults.push(format!("has link {}, and its events say {}", row.generation, life.generation));
    }
    if row.member_id != life.member_id {
        faults.push("names another member than its events".to_owned());
    }
    if let Some((number, names)) = &life.roles {
        faults.extend(roles.difference(*number, names, &row.role_ids).map(|words| format!("offers {words}")));
    }
    faults
}

/// What is wrong with a membership, as [`of_invitation`] says it.
pub fn of_member(row: Option<&MemberRow>, events: &[Told], roles: &RoleNames) -> Vec<String> {
    let belonging = Belonging::of(events);
    let (row, belonging) = match (row, belonging) {
        (None, None | Some(Belonging { is_over: true, .. })) => return Vec::new(),
        (None, Some(_)) => return vec!["is gone, and no event says that they left".to_owned()],
        (Some(_), None) => return vec!["is there, and no event says that they joined".to_owned()],
        (Some(_), Some(Belonging { is_over: true, .. })) => {
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

/// What an invitation's events come to.
struct Life {
    organization_id: OrganizationId,
    email: String,
    status: Status,
    generation: u64,
    /// an edit may make a new link, and does not say so
    is_edited: bool,
    member_id: Option<MemberId>,
    /// from the event of this number on; none where an edit has said them in one line
    roles: Option<(u64, Vec<String>)>,
}

impl Life {
    /// None where the first event is not that it was made.
    fn of(events: &[Told]) -> Option<Self> {
        let first = events.first()?;
        let Fact::InvitationCreated { email, roles } = &first.fact else { return None };
        let mut life = Self {
            organization_id: first.organization_id,
            email: email.clone(),
            status: Status::Pending,
            generation: 1,
            is_edited: false,
            member_id: None,
            roles: Some((first.number, roles.clone())),
        };
        events.iter().for_each(|event| life.goes_on(event));
        Some(life)
    }

    fn goes_on(&mut self, event: &Told) {
        match &event.fact {
            Fact::InvitationAccepted { .. } => (self.status, self.member_id) = (Status::Accepted, event.member_id),
            Fact::InvitationDeclined { .. } => self.status = Status::Declined,
            Fact::InvitationRevoked {} => self.status = Status::Revoked,
            Fact::InvitationExpired {} => self.status = Status::Expired,
            Fact::InvitationResent { generation, .. } => {
                (self.status, self.generation) = (Status::Pending, u64::from(*generation));
                self.is_edited = false;
            }
            Fact::InvitationEdited { changes } => {
                self.is_edited = true;
                if changes.iter().any(|change| change.field == "roles") {
                    self.roles = None;
                }
            }
            _ => {}
        }
    }
}

/// What a member's events come to.
struct Belonging {
    organization_id: OrganizationId,
    invitation_id: Option<InvitationId>,
    number: u64,
    roles: Vec<String>,
    is_over: bool,
}

impl Belonging {
    /// None where no event says that they joined.
    fn of(events: &[Told]) -> Option<Self> {
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
    /// What is wrong with the roles, keys, webhooks and resources, and the names that the roles had. `facts` are the
    /// events about these, the oldest first, each with its number.
    pub fn compared(things: &Things, facts: &[(u64, Fact)]) -> (Self, Vec<String>) {
        let mut names = Self::built_in(things);
        let mut made = Things::default();
        for (number, fact) in facts {
            names.goes_on(*number, fact);
            made.goes_on(fact);
        }
        let mut faults = names.meet(&things.roles);
        faults.extend(made.differences(things));
        (names, faults)
    }

    fn built_in(things: &Things) -> Self {
        let built_in = Role::built_in().into_iter().map(|(key, name, permissions)| RoleLife {
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
            Fact::RoleCreated { key, name, permissions } => self.0.push(RoleLife {
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

    fn living(&mut self, key: &str) -> Option<&mut RoleLife> {
        self.0.iter_mut().find(|life| life.key == key && life.ended.is_none())
    }

    /// Finds each its row, and says which rows and which roles have none, and which allow something else.
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

    /// How the roles of these ids differ from those that had these names when the event of this number was written, as
    /// `Owner, and its events say Member`. None when they don't, or when it can't be told: two roles had one name.
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

impl RoleLife {
    fn name_at(&self, number: u64) -> Option<&str> {
        if self.ended.is_some_and(|ended| ended < number) {
            return None;
        }
        self.names.iter().rev().find(|(from, _)| *from <= number).map(|(_, name)| name.as_str())
    }
}

impl Things {
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

    /// How the rows differ from what the events have made.
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

/// In the words of an edit's event.
fn listed(permissions: &[Permission]) -> String {
    permissions.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ")
}

fn or_nothing(words: &str) -> &str {
    if words.is_empty() { "nothing" } else { words }
}

/// The form that addresses are compared in; none for what is no address to us any more.
fn normal(typed: &str) -> Option<String> {
    EmailAddress::parse(typed).ok().map(|email| email.as_str().to_owned())
}

#[cfg(test)]
mod tests;
