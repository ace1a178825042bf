//! Idempotent writes: a request that is sent again gets the same answer, and creates one row and one mail.
//!
//! The answer is saved in the transaction that does the work, so neither ever exists without the other. Errors are not
//! saved: a corrected request can use the same key.

use super::{Error, RequestConflict, Result, Scope, Vestibule};
use chrono::Duration;
use serde::{Serialize, de::DeserializeOwned};
use vestibule_domain::{Instant, Permission};
use vestibule_store::{IdempotencyRow, LockedTx};

/// The number of hours that an answer is kept.
const KEPT_HOURS: i64 = 24;

/// The client's idempotency key for this write, and the digest of the whole request.
#[derive(Clone, Debug)]
pub(super) struct IdempotencyKey {
    key: String,
    request_hash: [u8; 32],
}

impl Scope {
    /// Makes the write of this request idempotent. `request_hash` detects requests that use the same key by mistake.
    #[must_use]
    pub fn idempotent(mut self, key: String, request_hash: [u8; 32]) -> Self {
        self.idempotency_key = Some(IdempotencyKey { key, request_hash });
        self
    }

    /// Returns the scope for one part of a request that takes several transactions.
    pub(super) fn part(&self, number: usize) -> Self {
        let mut part = self.clone();
        part.idempotency_key = part.idempotency_key.map(|idempotency_key| IdempotencyKey {
            key: format!("{}#{number}", idempotency_key.key),
            ..idempotency_key
        });
        part
    }
}

impl Vestibule {
    /// Does the same as [`Vestibule::write`] inside an organization: checks the scope again under the organization's
    /// lock, and does the work only if this request has not done it before.
    pub(super) async fn write_in<T: Serialize + DeserializeOwned>(
        &self,
        scope: &Scope,
        permission: Option<Permission>,
        work: impl AsyncFnOnce(&mut LockedTx, &Scope) -> Result<T> + Clone,
    ) -> Result<T> {
        let now = self.now();
        self.write_for(std::any::type_name_of_val(&work), async |tx| {
            let (tx, scope) = scope.renew(tx, permission).await?;
            let (Some(idempotency_key), Some(owner)) = (&scope.idempotency_key, scope.api_key_id()) else {
                return work(tx, &scope).await;
            };
            if let Some(row) =
                tx.idempotency_keys().get(owner, &idempotency_key.key).await?.filter(|row| is_kept(row, now))
            {
                if row.request_hash != idempotency_key.request_hash {
                    return Err(RequestConflict::KeyReused.into());
                }
                return serde_json::from_str(&row.result).map_err(Error::internal);
            }
            let answer = work(tx, &scope).await?;
            let result = serde_json::to_string(&answer).map_err(Error::internal)?;
            let row = IdempotencyRow { request_hash: idempotency_key.request_hash.to_vec(), result, created_at: now };
            tx.idempotency_keys_mut().save(owner, &idempotency_key.key, &row).await?;
            Ok(answer)
        })
        .await
    }
}

impl Vestibule {
    /// Deletes answers that are no longer kept, at most `limit`, and returns how many.
    pub(crate) async fn prune_answers(&self, now: Instant, limit: u32) -> Result<u64> {
        let before = now - Duration::hours(KEPT_HOURS);
        self.write(async |tx| Ok(tx.idempotency_keys_mut().prune(before, limit).await?)).await
    }
}

fn is_kept(row: &IdempotencyRow, now: Instant) -> bool {
    now - row.created_at < Duration::hours(KEPT_HOURS)
}
