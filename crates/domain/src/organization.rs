//! The organization: the tenant that people are invited to.

use super::{EmailAddress, Instant, Name, OrganizationId, Origin, Violation};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An organization with its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    pub id: OrganizationId,
    pub slug: Slug,
    pub name: Name,
    /// The days for which a new invitation is open.
    pub invitation_lifetime_days: u16,
    /// The days after which an invitee who has not answered is reminded, or `None` for no reminders.
    pub reminder_days: Option<u16>,
    /// The email domains at which people may be invited, in ASCII form. If empty, all are allowed.
    pub allowed_domains: Vec<String>,
    /// The origins to which invitees may be sent after accepting.
    pub redirect_origins: Vec<Origin>,
    /// The days after which people are erased whose invitations have all ended and who are not members, or `None` to
    /// keep them.
    pub invitation_retention_days: Option<u16>,
    /// The days for which finished mails are kept. If `None`, or more than the installation's own limit, that limit
    /// applies.
    pub mail_retention_days: Option<u16>,
    pub created_at: Instant,
}

impl Organization {
    /// The default lifetime of an invitation, seven days: long enough for a holiday, short enough that a lost mail is
    /// no danger for long.
    pub const DEFAULT_LIFETIME_DAYS: u16 = 7;
    /// The longest lifetime of an invitation, which is the longest that a vendor's client may ask for (Clerk).
    pub const MAX_LIFETIME_DAYS: u16 = 365;

    /// Checks that the days of lifetime and reminder are consistent: a reminder is sent at least a day before the
    /// invitation expires. Returns the violations.
    pub fn check_days(&self) -> Vec<Violation> {
        let lifetime = self.invitation_lifetime_days;
        if !(1..=Self::MAX_LIFETIME_DAYS).contains(&lifetime) {
            return vec![Violation::new("invitation_lifetime_days", "range", "Choose from 1 to 365 days.")];
        }
        let sentence = match (self.reminder_days, lifetime) {
            (None, _) => return Vec::new(),
            (Some(_), 1) => "An invitation that is open for one day leaves no time for a reminder.".to_owned(),
            (Some(days), _) if (1..lifetime).contains(&days) => return Vec::new(),
            (Some(_), 2) => "Only 1 is possible: a reminder is sent a day or more before the end.".to_owned(),
            (Some(_), _) => format!("Choose from 1 to {} days: a reminder is sent before the end.", lifetime - 1),
        };
        vec![Violation::new("reminder_days", "range", sentence)]
    }

    /// The longest time for which invitees or mails are kept, ten years: longer than any claim that such a record is
    /// kept for.
    pub const MAX_RETENTION_DAYS: u16 = 3_650;

    /// Checks that the retention times are within 1 to [`Self::MAX_RETENTION_DAYS`] days. Returns the violations.
    pub fn check_retention(&self) -> Vec<Violation> {
        let fields = [
            ("invitation_retention_days", self.invitation_retention_days),
            ("mail_retention_days", self.mail_retention_days),
        ];
        let wrong = |days: u16| !(1..=Self::MAX_RETENTION_DAYS).contains(&days);
        let wrong = fields.into_iter().filter(|(_, days)| days.is_some_and(wrong));
        wrong
            .map(|(field, _)| Violation::new(field, "range", "Choose from 1 to 3,650 days, or leave it empty."))
            .collect()
    }

    /// Returns the days for which finished mails are kept, given the organization's setting and the installation's
    /// limit.
    pub fn mail_days(own: Option<u16>, most: u16) -> u16 {
        own.map_or(most, |own| own.min(most))
    }

    /// Checks whether people with this email address may be invited.
    pub fn may_invite_at(&self, email: &EmailAddress) -> bool {
        self.allowed_domains.is_empty() || self.allowed_domains.iter().any(|domain| domain == email.domain())
    }

    /// Checks whether the organization may put links into its messages. A new one may not for seven days: strangers who
    /// sign up to send spam start there.
    pub fn may_send_links(&self, now: Instant) -> bool {
        now - self.created_at >= Duration::days(7)
    }
}

/// The organization's name in URLs: 2 to 40 characters out of `a-z`, `0-9` and single hyphens, which must not be at the
/// ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Violation> {
        let text = text.trim();
        let allowed = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let hyphens = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        if !(2..=40).contains(&text.len()) || !allowed || hyphens {
            let sentence = "Use 2 to 40 lower-case letters, digits and single hyphens, like saltmarsh-press.";
            return Err(Violation::new(field, "slug", sentence));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns a slug derived from a name: `Saltmarsh Press & Co.` becomes `saltmarsh-press-co`. Returns `None` if too
    /// few characters are left.
    pub fn suggest(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in name.to_lowercase().chars() {
            match c {
                'a'..='z' | '0'..='9' => slug.push(c),
                _ if slug.is_empty() || slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        slug.truncate(40);
        Self::parse("slug", slug.trim_matches('-')).ok()
    }

    pub fn stored(slug: String) -> Self {
        Self(slug)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_comes_before_the_end() {
        let codes = |invitation_lifetime_days, reminder_days| {
            let organization = Organization { invitation_lifetime_days, reminder_days, ..organization() };
            organization.check_days().into_iter().map(|violation| violation.field.into_owned()).collect::<Vec<_>>()
        };
        for (lifetime, reminder) in [(7, None), (7, Some(1)), (7, Some(6)), (2, Some(1)), (1, None)] {
            assert_eq!(codes(lifetime, reminder), Vec::<String>::new(), "{lifetime} {reminder:?}");
        }
        for (lifetime, reminder) in [(7, Some(0)), (7, Some(7)), (1, Some(1)), (2, Some(2))] {
            assert_eq!(codes(lifetime, reminder), ["reminder_days"], "{lifetime} {reminder:?}");
        }
        for lifetime in [0, 366] {
            assert_eq!(codes(lifetime, Some(1)), ["invitation_lifetime_days"], "{lifetime}");
        }
    }

    fn organization() -> Organization {
        Organization {
            id: OrganizationId::new(Instant::UNIX_EPOCH),
            slug: Slug("acme".into()),
            name: Name::parse("name", "Acme").unwrap(),
            invitation_lifetime_days: Organization::DEFAULT_LIFETIME_DAYS,
            reminder_days: None,
            allowed_domains: vec![],
            redirect_origins: vec![],
            invitation_retention_days: None,
            mail_retention_days: None,
            created_at: Instant::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_kept_for_a_time_is_kept_for_a_day_or_more() {
        let codes = |days| {
            let organization =
                Organization { invitation_retention_days: days, mail_retention_days: days, ..organization() };
            organization.check_retention().into_iter().map(|violation| violation.field.into_owned()).collect::<Vec<_>>()
        };
        for days in [None, Some(1), Some(3_650)] {
            assert_eq!(codes(days), Vec::<String>::new(), "{days:?}");
        }
        for days in [0, 3_651, u16::MAX] {
            assert_eq!(codes(Some(days)), ["invitation_retention_days", "mail_retention_days"], "{days}");
        }
        assert_eq!([None, Some(30), Some(200)].map(|own| Organization::mail_days(own, 90)), [90, 30, 90]);
    }

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(Slug::suggest("  Saltmarsh Press & Co. ").unwrap().as_str(), "saltmarsh-press-co");
        assert_eq!(Slug::suggest("日本"), None);
        for text in ["a", "-ab", "ab-", "a--b", "Ab", "a b", "a/b", &"a".repeat(41)] {
            assert!(Slug::parse("slug", text).is_err(), "{text}");
        }
    }
}
