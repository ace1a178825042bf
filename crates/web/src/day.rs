//! The days by which lists are filtered.

use chrono::{Days, NaiveDate, NaiveTime};
use std::{fmt, str::FromStr};
use vestibule_domain::{Instant, clock::kept};

/// A day in UTC, in the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    begin: Instant,
}

impl Day {
    /// Returns the first moment of the day.
    pub fn begin(self) -> Instant {
        self.begin
    }

    /// Returns the first moment after the day, or `None` if it can't be stored.
    pub fn end(self) -> Option<Instant> {
        self.begin.checked_add_days(Days::new(1)).and_then(kept)
    }
}

impl FromStr for Day {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let day: NaiveDate = text.parse().map_err(|_| ())?;
        let begin = kept(day.and_time(NaiveTime::MIN).and_utc()).ok_or(())?;
        Ok(Self { begin })
    }
}

/// Writes the day as a form's field has it: `2026-11-22`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.begin.date_naive(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_from_midnight_to_midnight_in_utc() {
        let day: Day = "2026-11-22".parse().unwrap();
        assert_eq!(day.begin().to_rfc3339(), "2026-11-22T00:00:00+00:00");
        assert_eq!(day.end().unwrap().to_rfc3339(), "2026-11-23T00:00:00+00:00");
        assert_eq!(day.to_string(), "2026-11-22");
    }

    #[test]
    fn a_day_that_cannot_be_stored_is_none() {
        for text in ["soon", "2026-13-01", "2026-11-22x", "+262142-12-31", "0000-12-31", "-0001-01-01"] {
            assert_eq!(text.parse::<Day>(), Err(()), "{text}");
        }
        assert_eq!("9999-12-31".parse::<Day>().unwrap().end(), None);
    }
}
