//! Rate limits: the list of all of them, with the reason for each, and the rule by which they count.
//!
//! The rule is the generic cell rate algorithm (ATM Forum, Traffic Management 4.1, 4.4.2): a burst at once, refilled
//! evenly over a period. For each subject, only the moment is stored at which everything taken from it is refilled.

use super::{Instant, number::grouped};
use chrono::Duration;

/// A rate limit. Its subject is what it protects: a mailbox, an account, an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateLimit {
    Invitations,
    InvitationsOfInviter,
    EmailsToDomain,
    EmailsFromOrganization,
    EmailsToMailbox,
    Resends,
    NewLinks,
    Codes,
    CodeTries,
    CodeTriesOfClient,
    SignIns,
    SignInsOfClient,
    SignInEvents,
    PasswordEmails,
    EmailsAskedByClient,
    UnknownLinks,
    Requests,
    FunctionCalls,
}

/// The rate of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may be taken at once.
    pub burst: u32,
    /// The time in which all of them are refilled, evenly.
    pub period: Duration,
}

/// Where the counts of a limit are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterStorage {
    /// In the database: all instances count together, and a restart forgets nothing.
    Together,
    /// In the memory of each process, because a database write would be too much for it: n instances let through n
    /// times as many.
    Apart,
}

/// The limits that the operator sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfiguredLimits {
    /// The setting `invitations_per_hour`.
    pub invitations_per_hour: u32,
    /// The setting `api_requests_per_minute`.
    pub requests_per_minute: u32,
}

/// The error of a limit that has too little left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    pub limit: RateLimit,
    pub rate: Rate,
    /// How many would pass now.
    pub left: u32,
    /// The time until what was asked for passes or, if that is more than the burst, until everything is refilled.
    pub retry_after: std::time::Duration,
}

/// The state of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
    pub limit: u32,
    pub remaining: u32,
    /// The time until everything is refilled.
    pub reset: std::time::Duration,
}

/// One line of the list.
struct Line {
    limit: RateLimit,
    code: &'static str,
    /// What is counted, and per which subject.
    counts: &'static str,
    reason: &'static str,
    kept: CounterStorage,
}

/// All limits with their reasons, in the order in which they are shown.
const LIST: [Line; 18] = [
    Line::new(
        RateLimit::Invitations,
        "invitation_limit",
        "invitations and resends of an organization (`invitations_per_hour`)",
        CounterStorage::Together,
        "it is no spam cannon, and mail servers judge the sender by the hour",
    ),
    Line::new(
        RateLimit::InvitationsOfInviter,
        "inviter_limit",
        "the same of one person or key in an organization (five hours’ worth)",
        CounterStorage::Together,
        "a stolen account or key does not use up what the others need",
    ),
    Line::new(
        RateLimit::EmailsToDomain,
        "domain_limit",
        "emails of an organization to one domain (five hours’ worth)",
        CounterStorage::Together,
        "one organization does not flood one company’s mail server",
    ),
    Line::new(
        RateLimit::EmailsFromOrganization,
        "mailbox_limit",
        "emails of an organization to one address",
        CounterStorage::Together,
        "inviting, revoking and inviting again does not fill a mailbox, or use it up for the other organizations",
    ),
    Line::new(
        RateLimit::EmailsToMailbox,
        "mailbox_limit",
        "emails of all organizations to one mailbox; `ann+x@` is Ann’s",
        CounterStorage::Together,
        "several organizations or `+tags` together do not fill it either",
    ),
    Line::new(
        RateLimit::Resends,
        "resend_limit",
        "resends of one invitation",
        CounterStorage::Together,
        "each makes the link before it void, so a mail that is read late holds a dead one",
    ),
    Line::new(
        RateLimit::NewLinks,
        "new_link_limit",
        "new links asked for with an old one, by address",
        CounterStorage::Together,
        "an old link may be in other hands; refused in silence, so that it tells nothing",
    ),
    Line::new(
        RateLimit::Codes,
        "code_limit",
        "codes sent to one address",
        CounterStorage::Together,
        "each can be asked for by a stranger who holds a link",
    ),
    Line::new(
        RateLimit::CodeTries,
        "code_try_limit",
        "wrong codes for one address, whichever invitation they are for",
        CounterStorage::Together,
        "a code has six digits: at twenty tries a day all of them take 137 years",
    ),
    Line::new(
        RateLimit::CodeTriesOfClient,
        "code_try_limit",
        "wrong codes from one client",
        CounterStorage::Together,
        "nobody tries one code at many addresses",
    ),
    Line::new(
        RateLimit::SignIns,
        "sign_in_limit",
        "wrong passwords for one account from one client",
        CounterStorage::Together,
        "guessing is hopeless, and the account’s owner elsewhere is not locked out",
    ),
    Line::new(
        RateLimit::SignInsOfClient,
        "sign_in_limit",
        "wrong passwords from one client",
        CounterStorage::Together,
        "nobody tries one password at many accounts",
    ),
    Line::new(
        RateLimit::SignInEvents,
        "sign_in_event_limit",
        "failed sign-ins of one account that are recorded as events",
        CounterStorage::Together,
        "a stranger does not fill an organization’s audit log; the program’s own log has them all",
    ),
    Line::new(
        RateLimit::PasswordEmails,
        "password_email_limit",
        "emails with a link to choose a password, by address",
        CounterStorage::Together,
        "less than the hour for which such a link works, so that there always is one; refused in silence",
    ),
    Line::new(
        RateLimit::EmailsAskedByClient,
        "email_limit",
        "emails asked for from one client that is not signed in: new passwords, new links",
        CounterStorage::Together,
        "nobody makes this installation write to many mailboxes",
    ),
    Line::new(
        RateLimit::UnknownLinks,
        "link_limit",
        "links from one client that were never made here",
        CounterStorage::Apart,
        "guessing is hopeless anyway; this keeps the log readable. A link that works is never refused",
    ),
    Line::new(
        RateLimit::Requests,
        "throttled",
        "requests of one API key (`api_requests_per_minute`)",
        CounterStorage::Apart,
        "one program does not slow down the others; counted at every request, so nothing is written for it",
    ),
    Line::new(
        RateLimit::FunctionCalls,
        "throttled",
        "what one person’s open pages ask while they work (`api_requests_per_minute`)",
        CounterStorage::Apart,
        "one browser does not slow down the others, even if a script in it goes wild",
    ),
];

impl Line {
    const fn new(
        limit: RateLimit,
        code: &'static str,
        counts: &'static str,
        kept: CounterStorage,
        reason: &'static str,
    ) -> Self {
        Self { limit, code, counts, reason, kept }
    }
}

impl RateLimit {
    /// Returns the rate of this limit. The limits per day follow those per hour, so that one setting changes them
    /// together.
    pub fn rate(self, configured: ConfiguredLimits) -> Rate {
        let (minute, hour, day) = (Duration::minutes(1), Duration::hours(1), Duration::days(1));
        let an_hour = configured.invitations_per_hour;
        let (burst, period) = match self {
            Self::Invitations => (an_hour, hour),
            Self::InvitationsOfInviter | Self::EmailsToDomain => (an_hour.saturating_mul(5), day),
            Self::EmailsFromOrganization => (20, day),
            Self::EmailsToMailbox => (100, day),
            Self::Resends => (10, hour),
            Self::NewLinks => (3, day),
            Self::Codes => (5, minute * 50),
            Self::CodeTries => (20, day),
            Self::CodeTriesOfClient | Self::SignInsOfClient => (30, minute * 10),
            Self::SignIns => (10, minute * 10),
            Self::SignInEvents => (20, day),
            Self::PasswordEmails => (3, hour),
            Self::EmailsAskedByClient => (10, hour),
            Self::UnknownLinks => (20, minute),
            Self::Requests | Self::FunctionCalls => (configured.requests_per_minute, minute),
        };
        Rate { burst, period }
    }

    /// Returns the codes of all limits. Some share one.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        LIST.iter().map(|line| line.code)
    }

    /// Returns the stable code for programs.
    pub fn code(self) -> &'static str {
        self.line().code
    }

    pub fn kept(self) -> CounterStorage {
        self.line().kept
    }

    /// Returns the rows of the table in docs/operations.md: what is counted, how many, where, and why.
    pub fn table(configured: ConfiguredLimits) -> String {
        let row = |Line { limit, code, counts, reason, kept }: &Line| {
            let kept = match kept {
                CounterStorage::Together => "together",
                CounterStorage::Apart => "each for itself",
            };
            format!("| `{code}` | {counts} | {} | {kept} | {reason} |\n", limit.rate(configured))
        };
        LIST.iter().map(row).collect()
    }

    fn line(self) -> &'static Line {
        LIST.iter().find(|line| line.limit == self).expect("every limit is in the list")
    }
}

impl Rate {
    /// Takes `cost` from the limit. Returns when everything is refilled afterwards or, if `cost` is too much, an error;
    /// then nothing is taken. `full_at` and `now` are microseconds since 1970.
    pub fn take(self, limit: RateLimit, full_at: i64, now: i64, cost: u32) -> Result<i64, Exceeded> {
        let full_at = full_at.max(now) + self.cost(cost);
        let over = full_at - now - self.room();
        if over <= 0 { Ok(full_at) } else { Err(self.exceeded(limit, full_at - self.cost(cost), now, over)) }
    }

    /// Returns how many are left.
    pub fn left(self, full_at: i64, now: i64) -> u32 {
        match self.cost(1) {
            0 => self.burst,
            step => u32::try_from((now + self.room() - full_at.max(now)) / step).unwrap_or_default(),
        }
    }

    /// Returns the state of the limit when everything is refilled at `full_at`.
    pub fn state(self, full_at: i64, now: i64) -> RateLimitStatus {
        let reset = std::time::Duration::from_micros((full_at - now).max(0).unsigned_abs());
        RateLimitStatus { limit: self.burst, remaining: self.left(full_at, now), reset }
    }

    /// Returns the state of the limit when nothing is left.
    pub fn used_up(self) -> RateLimitStatus {
        self.state(self.room(), 0)
    }

    /// Returns the microseconds in which `count` are refilled. It is 0 if one is refilled in less than a microsecond.
    pub fn cost(self, count: u32) -> i64 {
        self.micros() / i64::from(self.burst.max(1)) * i64::from(count)
    }

    /// Returns how far in the future, in microseconds, the moment may be at which everything is refilled. A limit that
    /// refills faster than its clock ticks has no end, and refuses nobody whose clock is behind that of another.
    pub fn room(self) -> i64 {
        match self.cost(self.burst) {
            0 => i64::MAX / 2,
            room => room,
        }
    }

    fn exceeded(self, limit: RateLimit, full_at: i64, now: i64, over: i64) -> Exceeded {
        // what is more than the burst never passes, so the wait ends when everything is refilled
        let wait = over.min(full_at - now).max(1);
        let retry_after = std::time::Duration::from_micros(wait.unsigned_abs());
        Exceeded { limit, rate: self, left: self.left(full_at, now), retry_after }
    }

    fn micros(self) -> i64 {
        self.period.num_microseconds().unwrap_or(i64::MAX)
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let period = match self.period.num_minutes() {
            1 => "a minute".to_owned(),
            60 => "an hour".to_owned(),
            1_440 => "a day".to_owned(),
            minutes => format!("in {minutes} minutes"),
        };
        write!(f, "{} {period}", grouped(self.burst.into()))
    }
}

impl Exceeded {
    /// Returns a sentence that says what is too much. The surface adds how long to wait.
    pub fn sentence(&self) -> String {
        let Self { limit, rate, left, .. } = self;
        match limit {
            RateLimit::Invitations | RateLimit::InvitationsOfInviter if *left == 0 => {
                format!("No more people can be invited now (limit: {rate}). Nobody has been invited.")
            }
            RateLimit::Invitations | RateLimit::InvitationsOfInviter => {
                let people = if *left == 1 { "person" } else { "people" };
                format!(
                    "You can invite {} more {people} now (limit: {rate}). Nobody has been invited.",
                    grouped((*left).into())
                )
            }
            RateLimit::EmailsToDomain => format!("This domain has been sent too many emails (limit: {rate})."),
            RateLimit::EmailsFromOrganization | RateLimit::EmailsToMailbox => {
                format!("This email address has been sent too many emails (limit: {rate}).")
            }
            RateLimit::Resends => format!("This invitation has been resent too often (limit: {rate})."),
            RateLimit::Codes => "Too many codes have been sent. Use the newest one.".to_owned(),
            RateLimit::CodeTries | RateLimit::CodeTriesOfClient => "Too many wrong codes have been tried.".to_owned(),
            RateLimit::NewLinks | RateLimit::PasswordEmails | RateLimit::EmailsAskedByClient => {
                "Too many emails have been requested.".to_owned()
            }
            RateLimit::SignIns | RateLimit::SignInsOfClient | RateLimit::SignInEvents => {
                "Too many sign-ins have failed.".to_owned()
            }
            RateLimit::UnknownLinks => "Too many links that lead nowhere have been tried.".to_owned(),
            RateLimit::Requests | RateLimit::FunctionCalls => "Too many requests.".to_owned(),
        }
    }
}

/// Returns an instant as limits count it, in microseconds since 1970.
pub fn micros(at: Instant) -> i64 {
    at.timestamp_micros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const LIMIT: RateLimit = RateLimit::UnknownLinks;
    const RATE: Rate = Rate { burst: 20, period: Duration::minutes(1) };
    const SECOND: i64 = 1_000_000;

    fn wait(taken: Result<i64, Exceeded>) -> f64 {
        taken.unwrap_err().retry_after.as_secs_f64()
    }

    #[test]
    fn after_the_burst_one_waits_for_as_long_as_one_takes_to_be_refilled() {
        let full_at = (0..20).fold(0, |full_at, _| RATE.take(LIMIT, full_at, 0, 1).unwrap());
        assert_eq!(wait(RATE.take(LIMIT, full_at, 0, 1)), 3.0);
        assert_eq!(wait(RATE.take(LIMIT, full_at, 0, 5)), 15.0);
        assert!(RATE.take(LIMIT, full_at, 3 * SECOND, 1).is_ok());
        assert!(RATE.take(LIMIT, full_at, 3 * SECOND - 1, 1).is_err());
    }

    #[test]
    fn several_are_taken_at_once_or_not_at_all() {
        let full_at = RATE.take(LIMIT, 0, 0, 15).unwrap();
        assert_eq!(RATE.left(full_at, 0), 5);
        let refused = RATE.take(LIMIT, full_at, 0, 6).unwrap_err();
        assert_eq!((refused.left, refused.retry_after.as_secs()), (5, 3));
        assert!(RATE.take(LIMIT, full_at, 3 * SECOND, 6).is_ok());
    }

    #[test]
    fn what_is_more_than_the_burst_never_passes() {
        assert_eq!(RATE.take(LIMIT, 0, 0, 21).unwrap_err().left, 20);
        assert!(RATE.take(LIMIT, 0, i64::from(u32::MAX) * SECOND, 21).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_gives_nothing_away() {
        let full_at = (0..20).fold(100 * SECOND, |full_at, _| RATE.take(LIMIT, full_at, 100 * SECOND, 1).unwrap());
        assert!(RATE.take(LIMIT, full_at, 50 * SECOND, 1).is_err());
        assert_eq!(RATE.left(full_at, 50 * SECOND), 0);
    }

    #[test]
    fn a_limit_without_an_end_is_none() {
        let endless = Rate { burst: u32::MAX, period: Duration::hours(1) };
        assert_eq!(endless.take(LIMIT, 0, 7, u32::MAX), Ok(7));
        assert_eq!(endless.left(0, 7), u32::MAX);
        assert_eq!(endless.take(LIMIT, 9, 7, 1), Ok(9), "somebody else has read the clock later");
    }

    #[test]
    fn every_limit_stands_in_the_list_once() {
        // the number of the last variant tells how many there are
        assert_eq!(
            LIST.iter().map(|line| line.limit as usize).collect::<HashSet<_>>().len(),
            RateLimit::FunctionCalls as usize + 1
        );
    }

    #[test]
    fn the_operators_page_has_the_list() {
        let page = include_str!("../../../docs/operations.md");
        let table = RateLimit::table(ConfiguredLimits { invitations_per_hour: 1_000, requests_per_minute: 1_200 });
        assert!(page.contains(&table), "docs/operations.md is to have:\n{table}");
    }
}
