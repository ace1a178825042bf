//! The hold after a restore: what was waiting when the backup was taken is held until the operator decides about it.

use super::{
    Error, LockedTx, Store, Tx, on,
    subject::{Holds, HoldsMut, MailsMut},
};
use sqlx::types::Json;
use uuid::Uuid;
use vestibule_domain::{Instant, InvitationId, Letter, MailId, MailState, OrganizationId, RestoreId};

/// A restore after which the operator has not decided yet about what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub backup_made_at: Instant,
    pub restored_at: Instant,
}

/// How much is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldCounts {
    pub mails: u64,
    pub deliveries: u64,
    /// The reminders that have become due while nothing was released.
    pub reminders: u64,
}

/// A mail that is held.
#[derive(Clone, Debug)]
pub struct HeldMail {
    pub id: MailId,
    pub organization_id: Option<OrganizationId>,
    pub letter: Letter,
}

impl Store {
    /// Prepares the copy of a backup to be used in place of the previous database: sessions, opened links and leases
    /// end, what waits is held, and each organization's events continue with numbers that nobody has seen. Either
    /// everything is done or nothing.
    pub async fn settle_restored(&self, backup_made_at: Instant, now: Instant) -> Result<(), Error> {
        let organizations = self.all_organizations().await?;
        self.write(async |tx| {
            tx.holds_mut().hold_all(backup_made_at, now).await?;
            for (id, _) in organizations {
                if let Some((tx, _)) = tx.lock_organization(id).await? {
                    tx.record_restored(backup_made_at, now).await?;
                }
            }
            Ok(())
        })
        .await
    }
}

impl Holds<'_> {
    /// Returns the newest restore that is not released. Usually there is none.
    pub async fn current(&mut self) -> Result<Option<Hold>, Error> {
        const SQL: &str = "select backup_made_at, restored_at from restores where released_at is null
            order by restored_at desc limit 1";
        let row: Option<(Instant, Instant)> = on!(self.0, |c| sqlx::query_as(SQL).fetch_optional(c).await)?;
        Ok(row.map(|(backup_made_at, restored_at)| Hold { backup_made_at, restored_at }))
    }

    /// Returns when a backup was last restored into this database, or `None` if never.
    pub async fn last_restore(&mut self) -> Result<Option<Instant>, Error> {
        const SQL: &str = "select restored_at from restores order by restored_at desc limit 1";
        on!(self.0, |c| sqlx::query_scalar(SQL).fetch_optional(c).await)
    }

    /// Returns how much is held, in all organizations together.
    pub async fn count(&mut self, now: Instant) -> Result<HeldCounts, Error> {
        const MAILS: &str = "select count(*) from mails where state = 'held'";
        const DELIVERIES: &str = "select count(*) from webhook_deliveries where state = 'held'";
        const REMINDERS: &str = "select count(*) from invitations where status = 'pending' and remind_at <= $1";
        let mails: i64 = on!(self.0, |c| sqlx::query_scalar(MAILS).fetch_one(c).await)?;
        let deliveries: i64 = on!(self.0, |c| sqlx::query_scalar(DELIVERIES).fetch_one(c).await)?;
        let is_held = self.current().await?.is_some();
        let reminders: i64 =
            if is_held { on!(self.0, |c| sqlx::query_scalar(REMINDERS).bind(now).fetch_one(c).await)? } else { 0 };
        let count = i64::unsigned_abs;
        Ok(HeldCounts { mails: count(mails), deliveries: count(deliveries), reminders: count(reminders) })
    }

    /// Returns held mails by organization, oldest first, at most `limit`.
    pub async fn mails(&mut self, limit: u32) -> Result<Vec<HeldMail>, Error> {
        const SQL: &str = "select id, organization_id, letter from mails where state = 'held'
            order by organization_id, id limit $1";
        let rows: Vec<(Uuid, Option<Uuid>, Json<Letter>)> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(i64::from(limit)).fetch_all(c).await)?;
        let held = |(id, organization_id, letter): (Uuid, Option<Uuid>, Json<Letter>)| HeldMail {
            id: id.into(),
            organization_id: organization_id.map(Into::into),
            letter: letter.0,
        };
        Ok(rows.into_iter().map(held).collect())
    }

    /// Returns the organizations with a held delivery.
    pub async fn organizations_with_deliveries(&mut self) -> Result<Vec<OrganizationId>, Error> {
        const SQL: &str = "select distinct e.organization_id from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
            where d.state = 'held'";
        let ids: Vec<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL).fetch_all(c).await)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}

impl HoldsMut<'_, Tx> {
    async fn hold_all(&mut self, backup_made_at: Instant, now: Instant) -> Result<(), Error> {
        const SETTLE: [&str; 7] = [
            "delete from acts",
            "delete from jobs",
            "delete from sessions",
            "delete from acceptance_sessions",
            "update mails set state = 'held', may_be_out = (may_be_out or leased_until is not null),
                leased_until = null, leased_by = null where state in ('queued', 'deferred')",
            "update webhook_deliveries set state = 'held', leased_until = null, leased_by = null where state = 'pending'",
            "update invitations set mail_state = 'held' where mail_state in ('queued', 'deferred')",
        ];
        const RESTORE: &str =
            "insert into restores (id, backup_made_at, restored_at, released_at) values ($1, $2, $3, null)";
        for sql in SETTLE {
            on!(self.0, |c| sqlx::query(sql).execute(c).await.map(drop))?;
        }
        on!(self.0, |c| sqlx::query(RESTORE)
            .bind(RestoreId::new(now).uuid())
            .bind(backup_made_at)
            .bind(now)
            .execute(c)
            .await
            .map(drop))
    }

    /// Ends the hold, so that nothing new is held.
    pub async fn end(&mut self, now: Instant) -> Result<(), Error> {
        const SQL: &str = "update restores set released_at = $1 where released_at is null";
        on!(self.0, |c| sqlx::query(SQL).bind(now).execute(c).await.map(drop))
    }
}

impl MailsMut<'_, Tx> {
    /// Puts a held mail into the queue, and restarts its schedule. Returns `false` if it is no longer held.
    pub async fn release(&mut self, id: MailId, now: Instant) -> Result<bool, Error> {
        const SQL: &str = "update mails set state = 'queued', due_at = $2, tried_since = $2, tried_before = attempts
            where id = $1 and state = 'held'";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(now).execute(c).await?.rows_affected()) == 1)
    }

    /// Marks a held mail as failed, with these words as the response. Returns `false` if it is no longer held.
    pub async fn discard(&mut self, id: MailId, words: &str, now: Instant) -> Result<bool, Error> {
        const SQL: &str = "update mails set state = 'failed', response = $2, tried_since = $3
            where id = $1 and state = 'held'";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(words).bind(now).execute(c).await?.rows_affected())
            == 1)
    }
}

impl HoldsMut<'_, LockedTx> {
    /// Saves the invitation's mail state, if that is of this generation and held.
    pub async fn save_mail_state(&mut self, id: InvitationId, generation: u32, state: MailState) -> Result<(), Error> {
        const SQL: &str = "update invitations set mail_state = $3
            where id = $1 and generation = $2 and mail_state = 'held'";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(id.uuid())
            .bind(i64::from(generation))
            .bind(state.as_str())
            .execute(c)
            .await
            .map(drop))
    }

    /// Removes the organization's due reminders. Returns how many.
    pub async fn drop_due_reminders(&mut self, now: Instant) -> Result<u64, Error> {
        const SQL: &str = "update invitations set remind_at = null
            where organization_id = $1 and status = 'pending' and remind_at <= $2";
        let id = self.0.organization_id().uuid();
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id).bind(now).execute(c).await?.rows_affected()))
    }

    /// Puts the organization's held deliveries into the queue or, if `releases` is not set, cancels them. Returns how
    /// many.
    pub async fn settle_deliveries(&mut self, releases: bool, now: Instant) -> Result<u64, Error> {
        const RELEASE: &str = "update webhook_deliveries set state = 'pending', due_at = $2, tried_before = attempts
            where state = 'held' and endpoint_id in (select id from webhook_endpoints where organization_id = $1)";
        const DISCARD: &str = "update webhook_deliveries set state = 'cancelled', done_at = $2
            where state = 'held' and endpoint_id in (select id from webhook_endpoints where organization_id = $1)";
        let (sql, id) = (if releases { RELEASE } else { DISCARD }, self.0.organization_id().uuid());
        Ok(on!(self.0, |c| sqlx::query(sql).bind(id).bind(now).execute(c).await?.rows_affected()))
    }
}
