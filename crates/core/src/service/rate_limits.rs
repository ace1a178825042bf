//! Taking from rate limits: before the work, in one step, and given back where the work turned out well.
//!
//! What all instances count together is taken inside the transaction that needs it, so that a refusal undoes the rest
//! of it and leaves nothing taken.

use super::{Error, Result, Settings, Vestibule};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vestibule_domain::rate_limit::{Configured, Exceeded, Kept, Left, Rate, micros};
use vestibule_domain::{ApiKeyId, EmailAddress, Instant, RateLimit, client};
use vestibule_store::{RateLimitKey, Snapshot, Taking, Tx};
use vestibule_telemetry::metrics;

/// What is taken: how many of which limit, and of whom.
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

    /// Which limit, and of whom.
    pub fn subject(&self) -> (RateLimit, String) {
        (self.limit, self.subject.clone())
    }

    pub fn is_of_same(&self, other: &Self) -> bool {
        self.limit == other.limit && self.subject == other.subject
    }

    /// Takes as many more as `other` does.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
    }

    /// An email to somebody, by the mailbox where it ends.
    pub fn email_to(email: &EmailAddress) -> Self {
        Self::one(RateLimit::EmailsToMailbox, email.bucket())
    }

    /// Of a client, by its network.
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
    /// So many entries are there when those that say nothing any more are next looked for.
    prune_at: usize,
}

/// Entries kept before past ones are looked for: some hundred kilobytes.
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
    /// Next time when there are twice as many, so that a crowd of new clients does not make each of them go through all.
    fn prune(&mut self, now: i64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        self.prune_at = self.full_at.len() * 2;
    }
}

impl Settings {
    pub(super) fn rate_limits(&self) -> Configured {
        Configured {
            invitations_per_hour: self.invitations_per_hour,
            requests_per_minute: self.api_requests_per_minute.get(),
        }
    }
}

impl Vestibule {
    /// Takes all of it; else [`Error::RateLimited`] with the limit that takes the longest. The caller's transaction must
    /// end with that error, which undoes what was taken of the others.
    pub(super) async fn take(&self, tx: &mut Tx, charges: &[Charge], now: Instant) -> Result<()> {
        let refused = self.take_each(tx, charges, now).await?;
        self.longest(tx, &refused, now).await?.map_or(Ok(()), |exceeded| Err(Error::RateLimited(exceeded)))
    }

    /// Takes of each limit what it has, and returns the charges that were refused.
    pub(super) async fn take_each<'a>(
        &self,
        tx: &mut Tx,
        charges: &'a [Charge],
        now: Instant,
    ) -> Result<Vec<&'a Charge>> {
        let takings: Vec<Taking> = charges.iter().map(|charge| self.taking(charge)).collect();
        let taken = tx.take_rate_limits(micros(now), &takings).await?;
        let each = charges.iter().zip(&takings);
        let refused = each.filter(|(_, taking)| !taken.contains(&taking.key)).map(|(charge, _)| charge);
        Ok(refused.inspect(|charge| metrics::rate_limited(charge.limit)).collect())
    }

    /// Refuses what [`Self::take`] would refuse, and takes nothing.
    pub(super) async fn check_limits(&self, tx: &mut Snapshot, charges: &[Charge], now: Instant) -> Result<()> {
        let charges: Vec<&Charge> = charges.iter().collect();
        let Some(exceeded) = self.longest(tx, &charges, now).await? else { return Ok(()) };
        metrics::rate_limited(exceeded.limit);
        Err(Error::RateLimited(exceeded))
    }

    pub(super) async fn give_back(&self, tx: &mut Tx, charges: &[Charge]) -> Result<()> {
        let takings: Vec<Taking> = charges.iter().map(|charge| self.taking(charge)).collect();
        Ok(tx.give_back_rate_limits(&takings).await?)
    }

    /// The one of these limits that refuses its charge for the longest, if any does.
    async fn longest(&self, tx: &mut Snapshot, charges: &[&Charge], now: Instant) -> Result<Option<Exceeded>> {
        let keys: Vec<RateLimitKey> = charges.iter().map(|charge| self.key(charge)).collect();
        let found = tx.rate_limits(&keys).await?;
        let refusal = |(charge, key): (&&Charge, &RateLimitKey)| {
            let full_at = found.get(key).copied().unwrap_or(micros(now));
            self.rate(charge.limit).take(charge.limit, full_at, micros(now), charge.count).err()
        };
        Ok(charges.iter().zip(&keys).filter_map(refusal).max_by_key(|exceeded| exceeded.retry_after))
    }

    /// Takes one of a limit that each process keeps for itself.
    pub(super) fn take_apart(&self, charge: &Charge, now: Instant) -> Result<()> {
        debug_assert_eq!(charge.limit.kept(), Kept::Apart);
        let taken = self.rate_limits.take(charge, self.rate(charge.limit), self.key(charge), micros(now));
        taken.map(drop).map_err(Error::RateLimited)
    }

    /// Takes one request of a key. Returns what is left, also with the refusal.
    pub fn take_request(&self, id: ApiKeyId) -> std::result::Result<Left, (Left, Error)> {
        let (charge, now) = (Charge::one(RateLimit::Requests, id), micros(self.now()));
        let rate = self.rate(charge.limit);
        match self.rate_limits.take(&charge, rate, self.key(&charge), now) {
            Ok(full_at) => Ok(rate.state(full_at, now)),
            Err(exceeded) => Err((rate.used_up(), Error::RateLimited(exceeded))),
        }
    }

    /// Forgets the limits that are full again, at most `limit` of those in the database; returns how many.
    pub(crate) async fn prune_rate_limits(&self, now: Instant, limit: u32) -> Result<u64> {
        self.rate_limits.counts().prune(micros(now));
        self.write(async |tx| Ok(tx.prune_rate_limits(micros(now), limit).await?)).await
    }

    fn rate(&self, limit: RateLimit) -> Rate {
        limit.rate(self.settings.rate_limits())
    }

    fn taking(&self, charge: &Charge) -> Taking {
        let rate = self.rate(charge.limit);
        Taking { key: self.key(charge), cost: rate.cost(charge.count), room: rate.room() }
    }

    /// A digest with the installation's key, so that no address lies in the database once more.
    fn key(&self, charge: &Charge) -> RateLimitKey {
        let digest = self.keys.digest("rate_limit", &format!("{:?} {}", charge.limit, charge.subject));
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
