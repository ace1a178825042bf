//! Hashing of passwords with Argon2id, off the async threads, few at once, with a short queue.

use super::{Busy, Error, Result};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};
use tokio::sync::Semaphore;
use vestibule_telemetry::metrics;

/// The KiB of memory, the rounds and the lanes: OWASP's minimum for Argon2id (Password Storage Cheat Sheet).
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// The most hashes at once: on a large machine memory is the limit, not cores. Each uses 19 MiB.
const MOST_SEATS: usize = 4;
/// The number that can wait for each seat. A hash takes some 30 milliseconds, so the last one waits half a second.
const QUEUE: usize = 16;
/// The time after which to try again, longer than it takes to work off the queue.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Hashes passwords, a few at a time because each takes 19 MiB. A flood of sign-ins waits in the queue, and is rejected
/// when that is full.
pub struct Passwords {
    seats: Arc<Semaphore>,
    /// covers those who have a seat and those who wait for one
    places: Semaphore,
    memory: Memory,
    /// the hash that is compared for unknown email addresses, so that they take as long as known ones
    decoy: String,
}

/// The memory of finished hashes, reused for the next ones: an allocator that gets it back leaves it with the process,
/// in as many places as there are threads. There is at most one block list per seat.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl Memory {
    /// Runs `work` with `count` blocks, whose content is arbitrary.
    fn lend<T>(&self, count: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let mut blocks = self.kept().pop().unwrap_or_default();
        if blocks.len() < count {
            blocks.resize(count, Block::default());
        }
        let done = work(&mut blocks[..count]);
        self.kept().push(blocks);
        done
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passwords {
    pub fn new() -> Self {
        let seats = available_parallelism().map_or(2, usize::from).min(MOST_SEATS);
        let memory = Memory::default();
        let decoy = decoy().expect("its parts are of the right length").to_string();
        Self { seats: Arc::new(Semaphore::new(seats)), places: Semaphore::new(seats * (1 + QUEUE)), memory, decoy }
    }

    pub async fn hash(&self, password: &str) -> Result<String> {
        let (password, memory) = (password.to_owned(), self.memory.clone());
        self.run(move || hash(&memory, &password)).await?
    }

    /// Checks the password against the hash. Returns `false`, in the same time, when there is no hash.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let (password, memory, known) = (password.to_owned(), self.memory.clone(), hash.is_some());
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let same = self.run(move || verify(&memory, &password, &hash)).await?;
        Ok(same && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let refused = |_| {
            metrics::password_refused();
            Error::Busy(Busy::of_passwords(RETRY_AFTER))
        };
        let _place = self.places.try_acquire().map_err(refused)?;
        let waiting = metrics::password_waits();
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(Error::internal)?;
        // the seat is held until the work is done, even if the caller has stopped waiting
        drop(waiting);
        let hashing = metrics::password_is_hashed();
        let work = move || {
            let _held = (seat, hashing);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Returns the hash with its parameters and salt in the form that is stored (PHC).
fn hash(memory: &Memory, password: &str) -> Result<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params());
    let made = phc(memory, &argon2, password, Salt::generate());
    made.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
}

fn params() -> Params {
    Params::new(COST.0, COST.1, COST.2, None).expect("constants within Argon2's limits")
}

/// Returns a hash that takes as long to compare as any, and that no password is known to have. It is not calculated,
/// because that would be a third of the time that the program takes to start.
fn decoy() -> std::result::Result<PasswordHash, argon2::password_hash::Error> {
    stored(&params(), Salt::generate(), &[0; Params::DEFAULT_OUTPUT_LEN])
}

/// Does the same as Argon2's own `hash_password`, but in memory that is reused.
fn phc(
    memory: &Memory,
    argon2: &Argon2<'_>,
    password: &str,
    salt: Salt,
) -> std::result::Result<PasswordHash, argon2::password_hash::Error> {
    let params = argon2.params();
    let mut out = [0; Output::MAX_LENGTH];
    let out = &mut out[..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    memory.lend(params.block_count(), |blocks| {
        argon2.hash_password_into_with_memory(password.as_bytes(), &salt, out, blocks)
    })?;
    stored(params, salt, out)
}

/// Returns the hash in the form that is stored (PHC).
fn stored(params: &Params, salt: Salt, hash: &[u8]) -> std::result::Result<PasswordHash, argon2::password_hash::Error> {
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(salt),
        hash: Some(Output::new(hash)?),
    })
}

/// Checks the password against this hash, with the parameters that are stored in it. Only hashes of our own kind are
/// ever stored.
fn verify(memory: &Memory, password: &str, hash: &str) -> bool {
    let Ok(known) = PasswordHash::new(hash) else { return false };
    let is_ours = known.algorithm == Algorithm::Argon2id.ident() && known.version == Some(Version::V0x13.into());
    let (Some(salt), Ok(params), true) = (known.salt, Params::try_from(&known), is_ours) else { return false };
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    // the comparison of outputs takes the same time wherever they differ
    phc(memory, &argon2, password, salt).is_ok_and(|made| made.hash.is_some() && made.hash == known.hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;

    #[test]
    fn hashes_are_what_argon2_makes_and_their_memory_is_used_again() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let memory = Memory::default();
        let made = hash(&memory, "hedgerow lantern oyster").unwrap();
        let others = PasswordHash::new(&made).unwrap();
        assert!(Argon2::default().verify_password(b"hedgerow lantern oyster", &others).is_ok());
        assert!(verify(&memory, "hedgerow lantern oyster", &made) && !verify(&memory, "hedgerow", &made));
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(16, 3, 1, Some(24)).unwrap());
        let cheap = cheap.hash_password(b"x").unwrap().to_string();
        assert!(verify(&memory, "x", &cheap) && !verify(&memory, "y", &cheap), "at the cost that it was made with");
        assert!(!verify(&memory, "x", "x") && !verify(&memory, "", ""));
        assert_eq!(memory.kept().iter().map(Vec::len).collect::<Vec<_>>(), [19 * 1024]);
    }

    #[test]
    fn an_unknown_address_takes_as_long_as_a_known_one() {
        let memory = Memory::default();
        let (decoy, made) = (decoy().unwrap(), hash(&memory, "hedgerow lantern oyster").unwrap());
        let made = PasswordHash::new(&made).unwrap();
        assert_eq!((decoy.algorithm, decoy.version, &decoy.params), (made.algorithm, made.version, &made.params));
        let lengths = |hash: &PasswordHash| {
            let (salt, output) = (hash.salt.as_ref().unwrap(), hash.hash.as_ref().unwrap());
            (salt.len(), output.len())
        };
        assert_eq!(lengths(&decoy), lengths(&made));
        let before = memory.kept().len();
        assert!(!verify(&memory, "", &decoy.to_string()) && memory.kept().len() == before);
    }

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
        let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy(_)))).count();
        assert_eq!((busy, answers.iter().filter(|answer| matches!(answer, Ok(false))).count()), (50, places));
        assert!(!passwords.verify("x", None).await.unwrap(), "the queue is empty again");
    }
}
