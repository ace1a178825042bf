//! Where time comes from. A service reads the clock once per operation and passes `now` down.

use chrono::{DateTime, Datelike, Duration, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use std::sync::Mutex;

/// A moment in UTC, in whole microseconds, which is PostgreSQL's precision.
pub type Instant = DateTime<Utc>;

/// Returns the moment as both databases store and compare it: in whole microseconds, in the years 1 to 9999. Returns
/// `None` for a moment outside these years. A leap second becomes the beginning of the next minute.
pub fn kept(at: Instant) -> Option<Instant> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).filter(|at| (1..=9999).contains(&at.year()))
}

/// Reads a moment that comes from outside, for serde's `deserialize_with`. Returns an error if [`kept`] rejects it.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    let outside = || D::Error::custom("a time must be in the years 1 to 9999");
    Option::deserialize(deserializer)?.map(|at| kept(at).ok_or_else(outside)).transpose()
}

/// Writes a moment, for serde's `serialize_with`: the same as chrono writes, which takes each character by itself.
pub fn write<S: Serializer>(at: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Does the same with a moment that may be missing.
pub fn write_option<S: Serializer>(at: &Option<Instant>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => write(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// A source of the present time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Instant;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters")]
    fn now(&self) -> Instant {
        DateTime::<Utc>::from(std::time::SystemTime::now()).trunc_subsecs(6)
    }
}

/// A clock that stands still until it is advanced, for tests and for `vestibule seed`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_chrono_writes_them() {
        #[derive(serde::Serialize)]
        struct Ours(
            #[serde(serialize_with = "write")] Instant,
            #[serde(serialize_with = "write_option")] Option<Instant>,
        );
        for text in [
            "0001-01-01T00:00:00Z",
            "2026-11-22T09:00:00Z",
            "2026-11-22T09:00:00.12Z",
            "2026-11-22T09:00:00.000001Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            let at: Instant = text.parse().unwrap();
            let ours = serde_json::to_string(&Ours(at, Some(at))).unwrap();
            assert_eq!(ours, serde_json::to_string(&(at, Some(at))).unwrap());
        }
        let at = Instant::default();
        assert_eq!(
            serde_json::to_string(&Ours(at, None)).unwrap(),
            serde_json::to_string(&(at, None::<Instant>)).unwrap()
        );
    }

    #[test]
    fn moments_are_kept_that_both_databases_compare() {
        let kept = |text: &str| kept(text.parse().unwrap()).map(|at| at.to_rfc3339());
        assert_eq!(kept("0001-01-01T00:00:00Z").as_deref(), Some("0001-01-01T00:00:00+00:00"));
        assert_eq!(kept("2026-11-22T09:00:00.1234567Z").as_deref(), Some("2026-11-22T09:00:00.123456+00:00"));
        assert_eq!(kept("2016-12-31T23:59:60Z").as_deref(), Some("2017-01-01T00:00:00+00:00"));
        assert_eq!(kept("9999-12-31T23:59:59Z").as_deref(), Some("9999-12-31T23:59:59+00:00"));
        for text in [
            "0000-12-31T23:59:59Z",
            "-0001-01-01T00:00:00Z",
            "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:59-01:00",
            "+10000-01-01T00:00:00Z",
            "+262142-12-31T00:00:00Z",
        ] {
            assert_eq!(kept(text), None, "{text}");
        }
    }
}
