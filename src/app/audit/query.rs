//! The query of the log's URL.

use crate::app::{
    form::fields,
    query::{ListQuery, Param, address, address_of, pairs},
};
use chrono::{Days, NaiveDate, NaiveTime};
use std::str::FromStr;
use vestibule_domain::{Actor, EventFilter, Fact, Instant, InvitationId, MemberId, clock::kept};
use vestibule_web::export::Format;

fields! {
    /// A filter as the reader entered it, and a place in the log. All of it is in the URL.
    pub struct EventQuery {
        q: Param,
        action: Param<ActionName>,
        actor: Param<ActorKey>,
        /// The first day, in UTC.
        from: Param<NaiveDate>,
        /// The last day, in UTC.
        to: Param<NaiveDate>,
        invitation: Param<InvitationId>,
        member: Param<MemberId>,
        cursor: Param,
    }
}

fields! {
    /// The format of an export, next to the filter.
    pub struct FormatQuery {
        format: Param<Format>,
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
            from: self.from.read().and_then(midnight),
            // the last day is included
            to: self.to.read().and_then(|day| day.checked_add_days(Days::new(1))).and_then(midnight),
        }
    }

    /// Returns the log's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        address(&format!("/o/{slug}/audit"), self)
    }

    /// Returns the URL of the export: all matching events, not only those of this page.
    pub fn export(&self, slug: &str, format: Format) -> String {
        let format = match format {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
        };
        let (format, rest) = (FormatQuery { format: Some(format).into() }, self.at(None));
        address_of(&format!("/o/{slug}/audit/export"), pairs(&format).chain(pairs(&rest)))
    }

    /// Returns a filter for everything that this person or program did.
    pub fn by(actor: &Actor) -> Self {
        Self { actor: Some(actor.key()).into(), ..Self::default() }
    }
}

/// Returns the start of a day, or `None` for a day outside of the range in which events can be stored.
fn midnight(day: NaiveDate) -> Option<Instant> {
    kept(day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum_extra::extract::Query;

    fn query(pairs: &[(&'static str, &str)]) -> EventQuery {
        let address = address_of("/", pairs.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Query::try_from_uri(&address.parse().unwrap()).unwrap().0
    }

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let query = query(&[("q", " ada & co "), ("action", "role"), ("to", "2026-11-22"), ("cursor", "abc")]);
        assert_eq!(query.href("acme"), "/o/acme/audit?q=ada%20%26%20co&action=role&to=2026-11-22&cursor=abc");
        let export = "/o/acme/audit/export?format=csv&q=ada%20%26%20co&action=role&to=2026-11-22";
        assert_eq!(query.export("acme", Format::Csv), export);
        assert_eq!(EventQuery::default().href("acme"), "/o/acme/audit");
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
