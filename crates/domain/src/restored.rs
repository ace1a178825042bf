//! The numbering of events after the restore of a backup, which makes sure that nobody outside mistakes new events for
//! ones they saw before it.

use super::Instant;

/// The least count of numbers that are skipped: more events than an organization has while a backup is taken and
/// restored.
const ROOM: u64 = 1_000_000;
/// The most events per second that may have been recorded since the backup.
const PER_SECOND: u64 = 1_000;
/// The highest number that every client of the API can read (ECMAScript's `Number.MAX_SAFE_INTEGER`).
const HIGHEST: u64 = (1 << 53) - 1;

/// Returns the number of the first event after the restore of a backup that was made at `backup_made_at` and whose last
/// event is `last`. It is higher than that of every event that others may have seen since, and always higher than
/// `last`.
pub fn next_number(last: u64, backup_made_at: Instant, now: Instant) -> u64 {
    let seconds = (now - backup_made_at).num_seconds().max(0).unsigned_abs();
    let number = last.saturating_add(ROOM).saturating_add(seconds.saturating_mul(PER_SECOND));
    number.min(HIGHEST).max(last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn numbers_go_on_past_every_one_that_may_have_been_seen() {
        let made = Instant::UNIX_EPOCH;
        assert_eq!(next_number(7, made, made), 1_000_007);
        assert_eq!(next_number(7, made, made + Duration::hours(1)), 4_600_007);
        assert_eq!(next_number(7, made, made - Duration::hours(1)), 1_000_007, "the backup's clock was ahead");
        assert_eq!(next_number(HIGHEST - 5, made, made), HIGHEST);
        assert_eq!(next_number(HIGHEST, made, made), HIGHEST + 1, "never one that is taken");
    }

    #[test]
    fn a_second_restore_of_the_same_backup_goes_past_the_first() {
        let made = Instant::UNIX_EPOCH;
        let first = next_number(7, made, made + Duration::hours(1));
        let seen = first + 59 * 1_000;
        assert!(next_number(7, made, made + Duration::hours(1) + Duration::minutes(1)) > seen);
    }
}
