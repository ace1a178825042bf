//! How often one client may try what can be guessed. Limits on accounts and organizations are the service's; here
//! is what needs nothing but the client's address.
//!
//! The algorithm is GCRA, as in the `governor` crate, which cannot look without taking: here only failures are
//! counted, so that an office of two hundred invitees behind one address is never refused its own links.

use super::client_ip::bucket;
use crate::domain::Instant;
use chrono::Duration;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Every limit by client address, in the memory of this process: several instances allow as many times more.
pub struct Limits {
    /// Links, set-up links and password links that no key of ours made: 20 at once, then 20 a minute.
    pub guesses: Limiter,
    /// Sign-ins refused, over all accounts: 30 at once, then 30 in ten minutes.
    pub sign_ins: Limiter,
    /// Mails asked for without being signed in: 10 at once, then 10 an hour.
    pub letters: Limiter,
    /// Codes typed wrong, over all invitations: 30 at once, then 30 in ten minutes.
    pub codes: Limiter,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            guesses: Limiter::new(20, Duration::minutes(1)),
            sign_ins: Limiter::new(30, Duration::minutes(10)),
            letters: Limiter::new(10, Duration::hours(1)),
            codes: Limiter::new(30, Duration::minutes(10)),
        }
    }
}

/// `burst` at once, refilled evenly over `period`.
pub struct Limiter {
    burst: i32,
    step: Duration,
    /// For each client, when all that was taken is refilled. Past entries say nothing and are dropped.
    full_at: Mutex<HashMap<IpAddr, Instant>>,
}

/// Entries kept before past ones are looked for: a few hundred kilobytes.
const KEPT: usize = 4_096;

impl Limiter {
    pub fn new(burst: i32, period: Duration) -> Self {
        Self { burst, step: period / burst, full_at: Mutex::default() }
    }

    /// Looks without taking. The error is how long to wait.
    pub fn check(&self, client: IpAddr, now: Instant) -> Result<(), std::time::Duration> {
        let full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let used = full_at.get(&bucket(client)).map_or_else(Duration::zero, |at| *at - now);
        // one more must fit under the burst
        let wait = used - self.step * (self.burst - 1);
        if wait <= Duration::zero() { Ok(()) } else { Err(wait.to_std().unwrap_or_default()) }
    }

    /// Takes one, whether or not there is one left.
    pub fn count(&self, client: IpAddr, now: Instant) {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= KEPT {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.entry(bucket(client)).or_insert(now);
        // a client that goes on while refused waits no longer than one whole period
        *at = ((*at).max(now) + self.step).min(now + self.step * self.burst);
    }

    /// [`Self::check`], then [`Self::count`]: for what costs us something whether it succeeds or not.
    pub fn take(&self, client: IpAddr, now: Instant) -> Result<(), std::time::Duration> {
        self.check(client, now)?;
        self.count(client, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::UNIX_EPOCH;
    const ANN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));
    const BOB: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 8));

    #[test]
    fn after_the_burst_one_waits_for_a_step() {
        let limiter = Limiter::new(20, Duration::minutes(1));
        for _ in 0..20 {
            assert_eq!(limiter.take(ANN, NOW), Ok(()));
        }
        assert_eq!(limiter.take(ANN, NOW), Err(std::time::Duration::from_secs(3)));
        assert_eq!(limiter.take(BOB, NOW), Ok(()));
        assert_eq!(limiter.take(ANN, NOW + Duration::seconds(3)), Ok(()));
        assert!(limiter.take(ANN, NOW + Duration::seconds(3)).is_err());
    }

    #[test]
    fn looking_takes_nothing() {
        let limiter = Limiter::new(1, Duration::minutes(1));
        for _ in 0..100 {
            assert_eq!(limiter.check(ANN, NOW), Ok(()));
        }
        limiter.count(ANN, NOW);
        assert!(limiter.check(ANN, NOW).is_err());
    }

    #[test]
    fn insisting_does_not_lengthen_the_wait_beyond_one_period() {
        let limiter = Limiter::new(10, Duration::hours(1));
        for _ in 0..1_000 {
            limiter.count(ANN, NOW);
        }
        assert_eq!(limiter.check(ANN, NOW), Err(std::time::Duration::from_secs(360)));
        assert_eq!(limiter.check(ANN, NOW + Duration::minutes(6)), Ok(()));
    }

    #[test]
    fn clients_that_have_waited_are_forgotten() {
        let limiter = Limiter::new(1, Duration::minutes(1));
        for n in 0..u32::try_from(KEPT).unwrap() {
            limiter.count(IpAddr::V4(n.into()), NOW);
        }
        limiter.count(ANN, NOW + Duration::minutes(2));
        assert_eq!(limiter.full_at.lock().unwrap().len(), 1);
    }
}
