//! What identifies the installation: the check of its key, and the seals on its chains.

use super::{Error, Snapshot, Store, Tx, on};
use uuid::Uuid;
use vestibule_domain::seal::{Sealed, Seals};
use vestibule_domain::{EventHash, Head, Instant, OrganizationId};

/// The number of organizations that are sealed in one transaction.
const BATCH: i64 = 500;

impl Store {
    /// Returns the seals of this store. They can't seal until a key is known.
    pub fn seals(&self) -> &Seals {
        &self.seals
    }

    /// Seals every chain with the present key if it has a good seal or none, or every chain if `replaces` is set. Then
    /// stores the check of the key in place of `before`, so that an interrupted run is repeated. Returns whether the
    /// database belongs to this key now: it does not if another process was quicker, with another key.
    pub async fn adopt_key(
        &self,
        check: &[u8],
        before: Option<&[u8]>,
        replaces: bool,
        now: Instant,
    ) -> Result<bool, Error> {
        if before == Some(check) && !replaces {
            return Ok(true);
        }
        let mut after = Some(Uuid::nil());
        while let Some(id) = after {
            after = self.write(async |tx| tx.seal_some(id, before, replaces).await).await?;
        }
        self.write(async |tx| {
            let is_ours = tx.save_key_check(check, before, now).await?;
            Ok(is_ours || tx.key_check().await?.as_deref() == Some(check))
        })
        .await
    }
}

impl Snapshot {
    /// Returns what is kept of the key, or `None` before the first start with one.
    pub async fn key_check(&mut self) -> Result<Option<Vec<u8>>, Error> {
        const SQL: &str = "select key_check from installation where id = 1";
        on!(self, |c| sqlx::query_scalar(SQL).fetch_optional(c).await)
    }

    /// Returns the seal on the end of the organization's chain, or `None` if there is no such organization.
    pub async fn sealed(&mut self, id: OrganizationId) -> Result<Option<Sealed>, Error> {
        const SQL: &str = "select sealed_number, seal from organizations where id = $1";
        let row: Option<(i64, Option<Vec<u8>>)> =
            on!(self, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(row.map(|(number, seal)| Sealed { number: number.unsigned_abs(), seal }))
    }
}

impl Tx {
    /// Seals the end of the organization's chain, if a key is known.
    pub(super) async fn seal(&mut self, id: OrganizationId, head: Head) -> Result<(), Error> {
        const SQL: &str = "update organizations set sealed_number = $2, seal = $3 where id = $1";
        let Some(seal) = self.seals.make(id, head) else { return Ok(()) };
        on!(self, |c| sqlx::query(SQL)
            .bind(id.uuid())
            .bind(head.number.cast_signed())
            .bind(&seal[..])
            .execute(c)
            .await
            .map(drop))
    }

    /// Seals the chains of the organizations after this one, if the check of the key is still `check`. Returns the last
    /// organization, if there may be more.
    async fn seal_some(&mut self, after: Uuid, check: Option<&[u8]>, replaces: bool) -> Result<Option<Uuid>, Error> {
        if self.key_check().await?.as_deref() != check {
            return Ok(None);
        }
        let ids = self.lock_some(after).await?;
        for id in &ids {
            let head = self.events().head((*id).into()).await?;
            if replaces || self.is_sealed_well((*id).into()).await? {
                self.seal((*id).into(), head).await?;
            }
        }
        Ok(ids.last().copied())
    }

    /// Locks and returns the next organizations after this one in the order of their ids, so that nobody else writes to
    /// them until the commit. This is the only place that locks several.
    async fn lock_some(&mut self, after: Uuid) -> Result<Vec<Uuid>, Error> {
        const SQL: &str = "select id from organizations where id > $1 order by id limit $2";
        const LOCKING: &str = "select id from organizations where id > $1 order by id limit $2 for no key update";
        let sql = if matches!(**self, Snapshot::Postgres(_)) { LOCKING } else { SQL };
        on!(self, |c| sqlx::query_scalar(sql).bind(after).bind(BATCH).fetch_all(c).await)
    }

    /// Checks whether a known key made the seal that is stored, on an event that exists. Returns true if there is no
    /// seal.
    async fn is_sealed_well(&mut self, id: OrganizationId) -> Result<bool, Error> {
        const SQL: &str = "select hash from events where organization_id = $1 and number = $2";
        let Some(Sealed { number, seal: Some(seal) }) = self.sealed(id).await? else { return Ok(true) };
        let hash: Option<Vec<u8>> =
            on!(self, |c| sqlx::query_scalar(SQL).bind(id.uuid()).bind(number.cast_signed()).fetch_optional(c).await)?;
        let hash = hash.as_deref().and_then(EventHash::of_bytes);
        Ok(hash.is_some_and(|hash| self.seals.is_good(id, Head { number, hash }, &seal)))
    }

    async fn save_key_check(&mut self, check: &[u8], before: Option<&[u8]>, now: Instant) -> Result<bool, Error> {
        const FIRST: &str = "insert into installation (id, key_check, created_at) values (1, $1, $2)
            on conflict (id) do nothing";
        const NEXT: &str = "update installation set key_check = $1 where id = 1 and key_check = $2";
        let rows = match before {
            None => on!(self, |c| sqlx::query(FIRST).bind(check).bind(now).execute(c).await?.rows_affected()),
            Some(before) => on!(self, |c| sqlx::query(NEXT).bind(check).bind(before).execute(c).await?.rows_affected()),
        };
        Ok(rows == 1)
    }
}
