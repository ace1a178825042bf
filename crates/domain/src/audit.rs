//! The audit log: which events to list, and who they are about.

use super::{Actor, CursorPage, Event, Head, Instant, InvitationId, MemberId};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Which events to list. A filter with nothing set lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The names of the actions to list. If empty, all.
    pub actions: Vec<&'static str>,
    /// The key of the actor; see [`super::Actor::key`].
    pub actor_id: Option<String>,
    /// A part of the name or email address of the person, or of the name of the thing, that the event is about, in any
    /// case.
    pub text: Option<String>,
    pub invitation_id: Option<InvitationId>,
    pub member_id: Option<MemberId>,
    /// The first moment to list.
    pub from: Option<Instant>,
    /// The moment before which events are listed.
    pub to: Option<Instant>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug)]
pub struct EventList {
    pub page: CursorPage<Event>,
    pub subjects: Subjects,
    /// The actors that can be chosen as a filter: programs, people who may change something, and the one that is
    /// chosen.
    pub actors: Vec<Actor>,
    /// The head of the organization's chain of events.
    pub head: Head,
    pub now: Instant,
}

/// The people that some events are about.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    pub invitations: BTreeMap<InvitationId, Subject>,
    /// The ids of those who are still members.
    pub members: BTreeSet<MemberId>,
}

/// The person that an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub email: String,
    pub name: Option<String>,
}

impl Subject {
    /// Returns the name, or without one the email address.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.email)
    }
}

impl EventFilter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Returns the position of an event in its list, for a cursor. It is the event's number.
pub fn place(event: &Event) -> Uuid {
    Uuid::from_u128(u128::from(event.number))
}
