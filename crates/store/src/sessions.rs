//! Sessions: the digest of the cookie, the user, and the expiry.

use super::{
    Error, Tx, on, prune,
    subject::{Sessions, SessionsMut},
    touch,
};
use uuid::Uuid;
use vestibule_domain::{Instant, UserId};

/// A session as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct SessionRow {
    pub user_id: UserId,
    pub seen_at: Instant,
    pub expires_at: Instant,
}

/// One of a user's sessions.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UserSession {
    pub id_hash: Vec<u8>,
    pub created_at: Instant,
    pub seen_at: Instant,
    pub expires_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Uuid,
    seen_at: Instant,
    expires_at: Instant,
}

impl Sessions<'_> {
    pub async fn get(&mut self, id_hash: &[u8]) -> Result<Option<SessionRow>, Error> {
        const SQL: &str = "select user_id, seen_at, expires_at from sessions where id_hash = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id_hash).fetch_optional(c).await)?;
        Ok(row.map(|row| SessionRow { user_id: row.user_id.into(), seen_at: row.seen_at, expires_at: row.expires_at }))
    }
}

impl Sessions<'_> {
    /// Returns the sessions of a user, at most `limit`, in no order.
    pub async fn of_user(&mut self, user_id: UserId, limit: u32) -> Result<Vec<UserSession>, Error> {
        const SQL: &str = "select id_hash, created_at, seen_at, expires_at from sessions where user_id = $1 limit $2";
        on!(self.0, |c| sqlx::query_as(SQL).bind(user_id.uuid()).bind(i64::from(limit)).fetch_all(c).await)
    }
}

impl SessionsMut<'_, Tx> {
    pub async fn add(
        &mut self,
        id_hash: &[u8],
        user_id: UserId,
        now: Instant,
        expires_at: Instant,
    ) -> Result<(), Error> {
        const SQL: &str =
            "insert into sessions (id_hash, user_id, created_at, seen_at, expires_at) values ($1, $2, $3, $3, $4)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(id_hash)
            .bind(user_id.uuid())
            .bind(now)
            .bind(expires_at)
            .execute(c)
            .await
            .map(drop))
    }

    /// Saves when the session was last used, unless somebody else has locked its row.
    pub async fn touch(&mut self, id_hash: &[u8], now: Instant) -> Result<(), Error> {
        let sql = touch!(self.0, "sessions", "id_hash", "seen_at");
        on!(self.0, |c| sqlx::query(sql).bind(id_hash).bind(now).execute(c).await.map(drop))
    }

    pub async fn remove(&mut self, id_hash: &[u8]) -> Result<(), Error> {
        const SQL: &str = "delete from sessions where id_hash = $1 returning user_id";
        let user_id: Option<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL).bind(id_hash).fetch_optional(c).await)?;
        if let Some(user_id) = user_id {
            self.0.changed.session_ended(user_id.into());
        }
        Ok(())
    }

    /// Removes all sessions of a user but this one. Returns how many.
    pub async fn remove_others_of(&mut self, user_id: UserId, id_hash: &[u8]) -> Result<u64, Error> {
        const SQL: &str = "delete from sessions where user_id = $1 and id_hash <> $2";
        self.0.changed.session_ended(user_id);
        on!(self.0, |c| Ok(sqlx::query(SQL).bind(user_id.uuid()).bind(id_hash).execute(c).await?.rows_affected()))
    }

    pub async fn remove_of(&mut self, user_id: UserId) -> Result<(), Error> {
        const SQL: &str = "delete from sessions where user_id = $1";
        self.0.changed.session_ended(user_id);
        on!(self.0, |c| sqlx::query(SQL).bind(user_id.uuid()).execute(c).await.map(drop))
    }

    /// Removes at most `limit` sessions that have expired at `now` or were not used since `idle`. Returns how many.
    pub async fn prune(&mut self, now: Instant, idle: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "sessions", "id_hash", "expires_at <= $1 or seen_at <= $2", "$3");
        Ok(on!(self.0, |c| sqlx::query(sql)
            .bind(now)
            .bind(idle)
            .bind(i64::from(limit))
            .execute(c)
            .await?
            .rows_affected()))
    }
}
