//! The query of the log's URL.

use crate::app::{
    form::fields,
    query::{ListQuery, Param, address},
};
use std::str::FromStr;
use vestibule_domain::{Actor, EventFilter, Fact, InvitationId, MemberId};
use vestibule_web::Day;

fields! {
    /// A filter as the reader entered it, and a place in the log. All of it is in the URL.
    pub struct EventQuery {
        q: Param,
        action: Param<ActionName>,
        actor: Param<ActorKey>,
        /// The first day, in UTC.
        from: Param<Day>,
        /// The last day, in UTC.
        to: Param<Day>,
        invitation: Param<InvitationId>,
        member: Param<MemberId>,
        cursor: Param,
    }
}

/// An action, or a noun for all of its actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionName(Vec<&'static str>);

impl FromStr for ActionName {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Some(Fact::actions_named(name)).filter(|actions| !actions.is_empty()).map(Self).ok_or(())
    }
}

/// The key of an actor, as in [`Actor::key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorKey(String);

impl FromStr for ActorKey {
    type Err = ();

    fn from_str(key: &str) -> Result<Self, ()> {
        Actor::parse_key(key).map(Self).ok_or(())
    }
}

impl ListQuery for EventQuery {
    fn cursor(&mut self) -> &mut Param {
        &mut self.cursor
    }

    fn is_all(&self) -> bool {
        self.filter().is_empty()
    }
}

impl EventQuery {
    /// Returns the key of the actor whose events are asked for.
    pub fn actor_key(&self) -> Option<String> {
        self.actor.read().map(|ActorKey(key)| key)
    }

    /// Returns the filter for the service.
    pub fn filter(&self) -> EventFilter {
        EventFilter {
            actions: self.action.read().map(|ActionName(actions)| actions).unwrap_or_default(),
            actor_id: self.actor_key(),
            text: self.q.some().map(str::to_owned),
            invitation_id: self.invitation.read(),
            member_id: self.member.read(),
            from: self.from.read().map(Day::begin),
            // the last day is included
            to: self.to.read().and_then(Day::end),
        }
    }

    /// Returns the log's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        address(&format!("/o/{slug}/audit"), self)
    }

    /// Returns a filter for the events about this invitation.
    pub fn of_invitation(id: InvitationId) -> Self {
        Self { invitation: Some(id.to_string()).into(), ..Self::default() }
    }

    /// Returns a filter for the events about this member.
    pub fn of_member(id: MemberId) -> Self {
        Self { member: Some(id.to_string()).into(), ..Self::default() }
    }

    /// Returns a filter for the events about the person with this name or email address.
    pub fn about(text: &str) -> Self {
        Self { q: Some(text).into(), ..Self::default() }
    }

    /// Returns the same filter for events about anybody, or `None` if it is not for one invitation or one member.
    pub fn of_anybody(&self) -> Option<Self> {
        let is_of_one = self.invitation.is_there() || self.member.is_there();
        is_of_one.then(|| Self { invitation: Param::default(), member: Param::default(), ..self.at(None) })
    }

    /// Returns a filter for everything that this person or program did.
    pub fn by(actor: &Actor) -> Self {
        Self { actor: Some(actor.key()).into(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::query::address_of;
    use axum_extra::extract::Query;
    use vestibule_domain::Instant;

    fn query(pairs: &[(&'static str, &str)]) -> EventQuery {
        let address = address_of("/", pairs.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Query::try_from_uri(&address.parse().unwrap()).unwrap().0
    }

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let query = query(&[("q", " ada & co "), ("action", "role"), ("to", "2026-11-22"), ("cursor", "abc")]);
        assert_eq!(query.href("acme"), "/o/acme/audit?q=ada%20%26%20co&action=role&to=2026-11-22&cursor=abc");
        assert_eq!(EventQuery::default().href("acme"), "/o/acme/audit");
    }

    #[test]
    fn a_filter_for_one_knows_the_same_for_anybody() {
        let id = MemberId::new(Instant::UNIX_EPOCH);
        let of_one = EventQuery { action: Some("role").into(), ..EventQuery::of_member(id) };
        assert_eq!(of_one.href("acme"), format!("/o/acme/audit?action=role&member={id}"));
        assert_eq!(of_one.of_anybody().unwrap().href("acme"), "/o/acme/audit?action=role");
        assert_eq!(of_one.of_anybody().unwrap().of_anybody(), None);
    }

    #[test]
    fn the_last_day_is_part_of_it() {
        let filter = query(&[("from", "2026-11-21"), ("to", "2026-11-22")]).filter();
        assert_eq!(filter.from.unwrap().to_rfc3339(), "2026-11-21T00:00:00+00:00");
        assert_eq!(filter.to.unwrap().to_rfc3339(), "2026-11-23T00:00:00+00:00");
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let wrong = [
            ("action", "dance"),
            ("actor", "ada"),
            ("from", "soon"),
            ("to", "+262142-12-31x"),
            ("member", "x"),
            ("q", " "),
        ];
        assert!(query(&wrong).is_all());
    }
}
