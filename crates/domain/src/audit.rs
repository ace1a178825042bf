//! The audit log: which events to list, and who they are about.

use super::{Actor, Event, Head, Instant, InvitationId, MemberId, Page};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Which events to list. Everything empty lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Names of actions, one of which it is; empty: any.
    pub actions: Vec<&'static str>,
    /// Whose doing it is; see [`super::Actor::key`].
    pub actor_id: Option<String>,
    /// Part of the name or address of whom it is about, or of the name of what it is about, in any case.
    pub text: Option<String>,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    /// From this moment on.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug)]
pub struct EventList {
    pub page: Page<Event>,
    pub subjects: Subjects,
    /// Who can be chosen to see what they did: programs, people who may change something, and whoever is chosen.
    pub actors: Vec<Actor>,
    /// Events of the organization in all.
    pub head: Head,
    pub now: Instant,
}

/// Whom some events are about.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    pub invitations: BTreeMap<InvitationId, Subject>,
    /// Those who are members still.
    pub members: BTreeSet<MemberId>,
}

/// Whom an invitation is to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub email: String,
    pub name: Option<String>,
}

impl Subject {
    /// The name, or without one the address.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.email)
    }
}

impl EventFilter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The place of an event in its list, for a cursor: its number.
pub fn place(event: &Event) -> Uuid {
    Uuid::from_u128(u128::from(event.number))
}
