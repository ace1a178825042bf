//! Saving the result of sending. It has happened outside of the database, so saving is repeated until it succeeds.

use crate::service::{Error, Result};
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};

/// The pause before the second attempt; it doubles up to the longest.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// Runs `save` until it succeeds. Only this process knows that the mail is out, so it does not give up while it lives.
/// If another worker has leased the row since, `save` succeeds and changes nothing.
pub async fn until_saved<F: Future<Output = Result<()>>>(chore: &'static str, save: impl Fn() -> F) {
    let mut tries: u32 = 0;
    loop {
        // a panic counts as a failure: if it ended the loop, this process would keep the row from everybody
        let saved = AssertUnwindSafe(save()).catch_unwind().await;
        let Err(error) = saved.unwrap_or_else(|_| Err(Error::internal("a panic"))) else { break };
        tries += 1;
        if tries.is_power_of_two() {
            let error: &dyn std::error::Error = &error;
            tracing::error!(chore, tries, error, "The result of sending could not be saved; trying again");
        }
        tokio::time::sleep(pause(tries).mul_f64(rand::random_range(0.5..=1.0))).await;
    }
    if tries > 0 {
        tracing::info!(chore, tries, "The result of sending is saved now");
    }
}

fn pause(tries: u32) -> Duration {
    FIRST.saturating_mul(1_u32.checked_shl(tries - 1).unwrap_or(u32::MAX)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn the_pause_grows_and_ends() {
        assert_eq!(pause(1), FIRST);
        assert_eq!(pause(3), FIRST * 4);
        assert_eq!(pause(8), LONGEST);
        assert_eq!(pause(u32::MAX), LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_tried_until_it_succeeds_panics_included() {
        let tries = Cell::new(0);
        let save = || {
            tries.set(tries.get() + 1);
            let now = tries.get();
            async move {
                assert_ne!(now, 2, "a panic");
                if now < 20 { Err(Error::internal("no")) } else { Ok(()) }
            }
        };
        until_saved("test", save).await;
        assert_eq!(tries.get(), 20);
    }
}
