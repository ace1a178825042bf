//! Hashing of passwords: Argon2id, off the async threads, no more at once than there are cores.

use super::{Error, Result};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{sync::Arc, thread::available_parallelism};
use tokio::sync::Semaphore;

/// KiB of memory, rounds, lanes: OWASP's minimum for Argon2id (Password Storage Cheat Sheet).
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A login flood waits here: each hash takes 19 MiB.
pub struct Passwords {
    seats: Arc<Semaphore>,
    /// of a password that nobody has: compared for unknown addresses, so that they take as long as known ones
    decoy: String,
}

impl Passwords {
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(2, usize::from);
        let decoy = hash("nobody has this password").unwrap_or_default();
        Self { seats: Arc::new(Semaphore::new(cores)), decoy }
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
        let _seat = self.seats.acquire().await.map_err(Error::internal)?;
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
