//! Where time comes from. A service reads the clock once per operation and passes `now` down.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use std::sync::Mutex;

/// A moment in UTC, in whole microseconds: PostgreSQL keeps no more.
pub type Instant = DateTime<Utc>;

pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[cfg(feature = "ssr")]
pub struct SystemClock;

#[cfg(feature = "ssr")]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters")]
    fn now(&self) -> Instant {
        DateTime::<Utc>::from(std::time::SystemTime::now()).trunc_subsecs(6)
    }
}

/// A clock that stands still until it is advanced: for tests, and for `vestibule seed`.
pub struct ManualClock(Mutex<Instant>);

impl ManualClock {
    pub fn new(start: Instant) -> Self {
        Self(Mutex::new(start.trunc_subsecs(6)))
    }

    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
