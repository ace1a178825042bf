//! Limits on what one account, invitation or address may be made to do. Limits by IP alone are the HTTP layer's.

use super::{Error, Result};
use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock, clock::DefaultClock};
use std::{num::NonZeroU32, time::Duration};

/// For each limit so many at once, then one more each time the wait has passed.
pub struct Throttle {
    sign_in: DefaultKeyedRateLimiter<String>,
    forgot: DefaultKeyedRateLimiter<String>,
    code: DefaultKeyedRateLimiter<String>,
    ask_again: DefaultKeyedRateLimiter<String>,
    resend: DefaultKeyedRateLimiter<String>,
}

#[derive(Clone, Copy)]
pub enum Limit {
    /// Tries for one account from one IP: guessing is hopeless, and its owner elsewhere is not locked out.
    SignIn,
    /// Reset mails to one address.
    Forgot,
    /// Codes for one invitation.
    Code,
    /// New links asked for by whoever holds an old one.
    AskAgain,
    /// Resends of one invitation by its organization.
    Resend,
}

impl Throttle {
    pub fn new() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            sign_in: limiter(10, minutes(1)),
            forgot: limiter(3, minutes(20)),
            code: limiter(5, minutes(10)),
            ask_again: limiter(3, minutes(480)),
            resend: limiter(10, minutes(6)),
        }
    }

    pub fn check(&self, limit: Limit, key: String) -> Result<()> {
        let limiter = self.limiter(limit);
        limiter
            .check_key(&key)
            .map_err(|until| Error::Throttled { retry_after: until.wait_time_from(DefaultClock::default().now()) })
    }

    /// Forgets keys that have their full allowance again; the worker calls it.
    pub fn forget(&self) {
        for limit in [Limit::SignIn, Limit::Forgot, Limit::Code, Limit::AskAgain, Limit::Resend] {
            self.limiter(limit).retain_recent();
        }
    }

    fn limiter(&self, limit: Limit) -> &DefaultKeyedRateLimiter<String> {
        match limit {
            Limit::SignIn => &self.sign_in,
            Limit::Forgot => &self.forgot,
            Limit::Code => &self.code,
            Limit::AskAgain => &self.ask_again,
            Limit::Resend => &self.resend,
        }
    }
}

fn limiter(at_once: u32, then_every: Duration) -> DefaultKeyedRateLimiter<String> {
    let quota = Quota::with_period(then_every).expect("more than nothing");
    DefaultKeyedRateLimiter::keyed(quota.allow_burst(NonZeroU32::new(at_once).expect("more than none")))
}
