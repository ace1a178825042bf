//! Hashing of passwords: Argon2id, off the async threads, no more at once than there are cores, and no long queue.

use super::{Error, Result};
use crate::telemetry::metrics;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{sync::Arc, thread::available_parallelism, time::Duration};
use tokio::sync::Semaphore;

/// KiB of memory, rounds, lanes: OWASP's minimum for Argon2id (Password Storage Cheat Sheet).
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// How many may wait for each seat. A hash takes some 30 milliseconds, so the last one waits half a second.
const QUEUE: usize = 16;
/// After which it is worth trying again: longer than it takes to work off the queue.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// A login flood waits here, as each hash takes 19 MiB, and what is more than that is turned away.
pub struct Passwords {
    seats: Arc<Semaphore>,
    /// those who have a seat, and those who wait for one
    places: Semaphore,
    /// of a password that nobody has: compared for unknown addresses, so that they take as long as known ones
    decoy: String,
}

impl Passwords {
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(2, usize::from);
        let decoy = hash("nobody has this password").unwrap_or_default();
        Self { seats: Arc::new(Semaphore::new(cores)), places: Semaphore::new(cores * (1 + QUEUE)), decoy }
    }

    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.run(move || hash(&password)).await?
    }

    /// Whether the password belongs to the hash; `false`, and as slow, when there is none.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let (password, known) = (password.to_owned(), hash.is_some());
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let same = self.run(move || verify(&password, &hash)).await?;
        Ok(same && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let refused = |_| {
            metrics::password_refused();
            Error::Busy { retry_after: RETRY_AFTER }
        };
        let _place = self.places.try_acquire().map_err(refused)?;
        let waiting = metrics::password_waits();
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(Error::internal)?;
        // the seat is held until the work is done, also when nobody waits for it any more
        drop(waiting);
        let hashing = metrics::password_is_hashed();
        let work = move || {
            let _held = (seat, hashing);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(COST.0, COST.1, COST.2, None).expect("constants within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash =
        argon2().hash_password(password.as_bytes()).map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_more_than_the_queue_takes_is_turned_away_at_once() {
        let passwords = Passwords::new();
        let places = passwords.places.available_permits();
        let held = passwords.seats.acquire_many(passwords.seats.available_permits() as u32).await.unwrap();
        let crowd = join_all((0..places + 50).map(|_| passwords.verify("x", None)));
        let watch = async {
            while passwords.places.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
            drop(held);
        };
        let (answers, ()) = tokio::join!(crowd, watch);
        let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy { .. }))).count();
        assert_eq!((busy, answers.iter().filter(|answer| matches!(answer, Ok(false))).count()), (50, places));
        assert!(!passwords.verify("x", None).await.unwrap(), "the queue is empty again");
    }
}
