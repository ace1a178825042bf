//! How often one API key may ask, and what it is told about that.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter, clock::Clock, clock::DefaultClock};
use std::{num::NonZeroU32, time::Duration};
use uuid::Uuid;

type Limiter = RateLimiter<Uuid, DashMapStateStore<Uuid>, DefaultClock, StateInformationMiddleware>;

/// So many requests at once, refilled evenly over a minute; in the memory of this process. A key leaves a few bytes,
/// and there are not many keys.
pub struct Quotas {
    limiter: Limiter,
    a_minute: NonZeroU32,
}

/// What is left, for the response's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    limit: u32,
    remaining: u32,
    /// Until all of it is there again.
    reset: Duration,
}

impl Quotas {
    pub fn new(a_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::dashmap(Quota::per_minute(a_minute)).with_middleware();
        Self { limiter, a_minute }
    }

    /// Takes one. The error says how long to wait.
    pub fn take(&self, key: Uuid) -> Result<Left, (Left, Duration)> {
        let limit = self.a_minute.get();
        match self.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Ok(Left { limit, remaining, reset: self.refill(limit - remaining) })
            }
            Err(until) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                Err((Left { limit, remaining: 0, reset: self.refill(limit) }, wait))
            }
        }
    }

    fn refill(&self, used: u32) -> Duration {
        Duration::from_secs(60) * used / self.a_minute.get()
    }
}

impl Left {
    /// The limit, and what is left of it, as if it were by the hour.
    pub fn of_an_hour(self) -> (u32, u32) {
        let limit = self.limit.saturating_mul(60);
        (limit, limit - (self.limit - self.remaining))
    }

    /// `RateLimit-Limit`, `-Remaining` and `-Reset` in seconds (draft-ietf-httpapi-ratelimit-headers-06).
    pub fn tell(self, headers: &mut HeaderMap) {
        let seconds = self.reset.as_secs() + u64::from(self.reset.subsec_nanos() > 0);
        headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(self.remaining));
        headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_allowance() {
        let quotas = Quotas::new(NonZeroU32::new(2).unwrap());
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(quotas.take(one).unwrap().remaining, 1);
        assert_eq!(quotas.take(one).unwrap().remaining, 0);
        let (left, wait) = quotas.take(one).unwrap_err();
        assert!(left.remaining == 0 && wait > Duration::from_secs(20));
        assert_eq!(quotas.take(other).unwrap().remaining, 1);
    }
}
