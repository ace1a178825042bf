//! Rate limits: they are charged before the work, in one step, and given back where the work turned out to be harmless,
//! like a sign-in that succeeds.
//!
//! Limits that all instances count together are charged inside the transaction that needs them, so that an error undoes
//! the charge together with everything else.

use super::{Error, Result, Settings, subject};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vestibule_domain::rate_limit::{ConfiguredLimits, Exceeded, Rate, RateLimitStatus, micros};
use vestibule_domain::{ApiKeyId, EmailAddress, Instant, RateLimit, UserId, client};
use vestibule_store::{LimitCharge, RateLimitKey, Snapshot, Tx};
use vestibule_telemetry::metrics;

/// A charge: how many of which limit, and of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Charge {
    limit: RateLimit,
    subject: String,
    count: u32,
}

impl Charge {
    pub fn one(limit: RateLimit, subject: impl ToString) -> Self {
        Self::of(limit, subject, 1)
    }

    pub fn of(limit: RateLimit, subject: impl ToString, count: usize) -> Self {
        Self { limit, subject: subject.to_string(), count: u32::try_from(count).unwrap_or(u32::MAX) }
    }

    /// Returns the limit and the subject that is charged.
    pub fn subject(&self) -> (RateLimit, String) {
        (self.limit, self.subject.clone())
    }

    pub fn is_of_same(&self, other: &Self) -> bool {
        self.limit == other.limit && self.subject == other.subject
    }

    /// Adds the count of `other`.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
    }

    /// Returns the charge of an email, counted by the mailbox that receives it.
    pub fn email_to(email: &EmailAddress) -> Self {
        Self::one(RateLimit::EmailsToMailbox, email.bucket())
    }

    /// Returns a charge of a client, counted by its network.
    pub fn of_client(limit: RateLimit, ip: IpAddr) -> Self {
        Self::one(limit, client::network(ip))
    }
}

/// The counts that each process keeps for itself.
#[derive(Default)]
pub(super) struct RateLimits(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    full_at: HashMap<RateLimitKey, i64>,
    /// The number of entries at which stale ones are next removed.
    prune_at: usize,
}

/// The number of entries, some hundred kilobytes, below which stale ones are not removed.
const KEPT: usize = 4_096;

impl RateLimits {
    fn take(&self, charge: &Charge, rate: Rate, key: RateLimitKey, now: i64) -> std::result::Result<i64, Exceeded> {
        let mut counts = self.counts();
        let before = counts.full_at.get(&key).copied().unwrap_or(now);
        let full_at = rate
            .take(charge.limit, before, now, charge.count)
            .inspect_err(|exceeded| metrics::rate_limited(exceeded.limit))?;
        counts.full_at.insert(key, full_at);
        if counts.full_at.len() > counts.prune_at.max(KEPT) {
            counts.prune(now);
        }
        Ok(full_at)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Removes stale entries. The next time is when there are twice as many, so that in a crowd of new clients not each
    /// one causes a scan of all entries.
    fn prune(&mut self, now: i64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        self.prune_at = self.full_at.len() * 2;
    }
}

impl Settings {
    pub(super) fn rate_limits(&self) -> ConfiguredLimits {
        ConfiguredLimits {
            invitations_per_hour: self.invitations_per_hour,
            requests_per_minute: self.api_requests_per_minute.get(),
        }
    }
}

impl subject::Limits<'_> {
    /// Takes all charges, or returns [`Error::RateLimited`] with the limit that takes longest to recover. The caller's
    /// transaction must end with that error, which undoes what was taken of the other limits.
    pub(super) async fn take(self, tx: &mut Tx, charges: &[Charge], now: Instant) -> Result<()> {
        let refused = self.take_each(tx, charges, now).await?;
        self.longest(tx, &refused, now).await?.map_or(Ok(()), |exceeded| Err(Error::RateLimited(exceeded)))
    }

    /// Takes the charges that their limits allow, and returns those that were refused.
    pub(super) async fn take_each<'a>(
        self,
        tx: &mut Tx,
        charges: &'a [Charge],
        now: Instant,
    ) -> Result<Vec<&'a Charge>> {
        let takings: Vec<LimitCharge> = charges.iter().map(|charge| self.taking(charge)).collect();
        let taken = tx.rate_limits_mut().take(micros(now), &takings).await?;
        let each = charges.iter().zip(&takings);
        let refused = each.filter(|(_, taking)| !taken.contains(&taking.key)).map(|(charge, _)| charge);
        Ok(refused.inspect(|charge| metrics::rate_limited(charge.limit)).collect())
    }

    /// Returns `RateLimited` when [`Self::take`] would, and takes nothing.
    pub(super) async fn check(self, tx: &mut Snapshot, charges: &[Charge], now: Instant) -> Result<()> {
        let charges: Vec<&Charge> = charges.iter().collect();
        let Some(exceeded) = self.longest(tx, &charges, now).await? else { return Ok(()) };
        metrics::rate_limited(exceeded.limit);
        Err(Error::RateLimited(exceeded))
    }

    /// Gives these charges back to their limits.
    pub(super) async fn give_back(self, tx: &mut Tx, charges: &[Charge]) -> Result<()> {
        let takings: Vec<LimitCharge> = charges.iter().map(|charge| self.taking(charge)).collect();
        Ok(tx.rate_limits_mut().give_back(&takings).await?)
    }

    /// Returns the limit that refuses its charge for the longest time, if any does.
    async fn longest(self, tx: &mut Snapshot, charges: &[&Charge], now: Instant) -> Result<Option<Exceeded>> {
        let exceeded = self.exceeded(tx, charges, now).await?;
        Ok(exceeded.into_iter().map(|(_, exceeded)| exceeded).max_by_key(|exceeded| exceeded.retry_after))
    }

    /// Returns the charges that their limits don't allow at this moment, and takes nothing. Each is looked at as if it
    /// were the only one.
    pub(super) async fn exceeded<'a>(
        self,
        tx: &mut Snapshot,
        charges: &[&'a Charge],
        now: Instant,
    ) -> Result<Vec<(&'a Charge, Exceeded)>> {
        let keys: Vec<RateLimitKey> = charges.iter().map(|charge| self.key(charge)).collect();
        let found = tx.rate_limits().levels(&keys).await?;
        let refusal = |(charge, key): (&&'a Charge, &RateLimitKey)| {
            let full_at = found.get(key).copied().unwrap_or(micros(now));
            let taken = self.rate(charge.limit).take(charge.limit, full_at, micros(now), charge.count);
            taken.err().map(|exceeded| (*charge, exceeded))
        };
        Ok(charges.iter().zip(&keys).filter_map(refusal).collect())
    }

    /// Counts a link that leads nowhere. Each process keeps this limit for itself.
    pub(super) fn take_unknown_link(self, client: IpAddr, now: Instant) -> Result<()> {
        let charge = Charge::of_client(RateLimit::UnknownLinks, client);
        let taken = self.0.rate_limits.take(&charge, self.rate(charge.limit), self.key(&charge), micros(now));
        taken.map(drop).map_err(Error::RateLimited)
    }

    /// Takes one request of a key. Returns what is left, also together with the error.
    pub fn take_request(self, id: ApiKeyId) -> std::result::Result<RateLimitStatus, (RateLimitStatus, Error)> {
        self.take_apart(&Charge::one(RateLimit::Requests, id))
    }

    /// Takes one call of a server function by this person.
    pub fn take_call(self, id: UserId) -> Result<()> {
        self.take_apart(&Charge::one(RateLimit::FunctionCalls, id)).map(drop).map_err(|(_, error)| error)
    }

    fn take_apart(self, charge: &Charge) -> std::result::Result<RateLimitStatus, (RateLimitStatus, Error)> {
        let now = micros(self.now());
        let rate = self.rate(charge.limit);
        match self.0.rate_limits.take(charge, rate, self.key(charge), now) {
            Ok(full_at) => Ok(rate.state(full_at, now)),
            Err(exceeded) => Err((rate.used_up(), Error::RateLimited(exceeded))),
        }
    }

    /// Deletes the counts of limits that are full again, those in the database by `limit` in each transaction, and
    /// returns how many of these.
    pub(crate) async fn prune(self, now: Instant, limit: u32) -> Result<u64> {
        self.0.rate_limits.counts().prune(micros(now));
        let (mut removed, mut after) = (0, Some(RateLimitKey::default()));
        while let Some(key) = after {
            let (more, last) =
                self.write(async |tx| Ok(tx.rate_limits_mut().prune(micros(now), key, limit).await?)).await?;
            (removed, after) = (removed + more, last);
        }
        Ok(removed)
    }

    fn rate(self, limit: RateLimit) -> Rate {
        limit.rate(self.0.settings.rate_limits())
    }

    fn taking(self, charge: &Charge) -> LimitCharge {
        let rate = self.rate(charge.limit);
        LimitCharge { key: self.key(charge), cost: rate.cost(charge.count), room: rate.room() }
    }

    /// Returns the key of a charge: a digest with the installation's key, so that the database holds no further copy of
    /// an email address.
    fn key(self, charge: &Charge) -> RateLimitKey {
        let digest = self.0.signing_keys.digest("rate_limit", &format!("{:?} {}", charge.limit, charge.subject));
        *digest.first_chunk().expect("32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;
    use vestibule_domain::rate_limit::Rate;

    #[test]
    fn what_is_full_again_is_forgotten_and_a_crowd_makes_nobody_go_through_all() {
        let (limits, rate) = (RateLimits::default(), Rate { burst: 1, period: Duration::minutes(1) });
        let take = |n: u128, now: i64| {
            limits.take(&Charge::one(RateLimit::UnknownLinks, n), rate, n.to_be_bytes(), now).is_ok()
        };
        assert!((0..20_000).all(|n| take(n, 0)), "each has its own");
        let counts = || {
            let counts = limits.counts();
            (counts.full_at.len(), counts.prune_at)
        };
        assert_eq!(counts(), (20_000, 32_782), "looked through at 4,097, 8,195 and 16,391 entries only");
        assert!(!take(0, 59_999_999) && take(0, 60_000_000));
        assert!((20_000..40_000).all(|n| take(n, 60_000_000)));
        assert!(counts().0 <= 40_000 - 19_000, "{:?}", counts());
    }
}
