//! The query of the log's URL.

use crate::app::{form::Fields, query::escape};
use chrono::{Days, NaiveDate, NaiveTime};
use vestibule_domain::{Actor, EventFilter, Fact, Instant, clock::kept};
use vestibule_web::export::Format;

/// A filter as the reader entered it, and a place in the log. All of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// An action, or a noun for all of its actions.
    pub action: Option<String>,
    pub actor: Option<String>,
    pub text: Option<String>,
    /// The first day, in UTC.
    pub from: Option<NaiveDate>,
    /// The last day, in UTC.
    pub to: Option<NaiveDate>,
    pub invitation: Option<String>,
    pub member: Option<String>,
    pub cursor: Option<String>,
}

impl Asked {
    /// Parses the query, and ignores what can't be parsed.
    pub fn of(fields: &Fields) -> Self {
        let text = |name: &str| Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
        let day = |name: &str| text(name).and_then(|day| day.parse().ok());
        let id = |name: &str| text(name).filter(|id| id.parse::<uuid::Uuid>().is_ok());
        Self {
            action: text("action").filter(|name| !Fact::actions_named(name).is_empty()),
            actor: text("actor").and_then(|key| Actor::parse_key(&key)),
            text: text("q"),
            from: day("from"),
            to: day("to"),
            invitation: id("invitation"),
            member: id("member"),
            cursor: text("cursor"),
        }
    }

    /// Returns the filter for the service.
    pub fn filter(&self) -> EventFilter {
        EventFilter {
            actions: self.action.as_deref().map(Fact::actions_named).unwrap_or_default(),
            actor_id: self.actor.clone(),
            text: self.text.clone(),
            invitation_id: self.invitation.as_ref().and_then(|id| id.parse().ok()),
            member_id: self.member.as_ref().and_then(|id| id.parse().ok()),
            from: self.from.and_then(midnight),
            // the last day is included
            to: self.to.and_then(|day| day.checked_add_days(Days::new(1))).and_then(midnight),
        }
    }

    /// Returns the log's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        self.address(format!("/o/{slug}/audit"), None)
    }

    /// Returns the URL of the export: all matching events, not only those of this page.
    pub fn export(&self, slug: &str, format: Format) -> String {
        let format = match format {
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
        };
        Self { cursor: None, ..self.clone() }.address(format!("/o/{slug}/audit/export"), Some(format))
    }

    fn address(&self, path: String, format: Option<&str>) -> String {
        let pairs = [
            ("format", format.map(str::to_owned)),
            ("q", self.text.clone()),
            ("action", self.action.clone()),
            ("actor", self.actor.clone()),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("invitation", self.invitation.clone()),
            ("member", self.member.clone()),
            ("cursor", self.cursor.clone()),
        ];
        let pairs: Vec<String> = pairs
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={}", escape(&value))))
            .collect();
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// Returns the same log at another place.
    pub fn at(&self, cursor: String) -> Self {
        Self { cursor: Some(cursor), ..self.clone() }
    }

    /// Returns a filter for everything that this person or program did.
    pub fn by(actor: &Actor) -> Self {
        Self { actor: Some(actor.key()), ..Self::default() }
    }

    /// Checks whether the log has no filter.
    pub fn is_all(&self) -> bool {
        self.filter().is_empty()
    }
}

/// Returns the start of a day, or `None` for a day outside of the range in which events can be stored.
fn midnight(day: NaiveDate) -> Option<Instant> {
    kept(day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        Asked::of(&Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let asked = asked(&[("q", " ada & co "), ("action", "role"), ("to", "2026-11-22"), ("cursor", "abc")]);
        assert_eq!(asked.href("acme"), "/o/acme/audit?q=ada%20%26%20co&action=role&to=2026-11-22&cursor=abc");
        let export = "/o/acme/audit/export?format=csv&q=ada%20%26%20co&action=role&to=2026-11-22";
        assert_eq!(asked.export("acme", Format::Csv), export);
        assert_eq!(Asked::default().href("acme"), "/o/acme/audit");
    }

    #[test]
    fn the_last_day_is_part_of_it() {
        let filter = asked(&[("from", "2026-11-21"), ("to", "2026-11-22")]).filter();
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
        assert!(asked(&wrong).is_all());
    }
}
