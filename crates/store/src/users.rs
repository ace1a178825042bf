//! Users, with the hashes of their passwords, which leave the store only to be compared.

use super::{
    Error, Tx, on,
    subject::{Users, UsersMut},
};
use uuid::Uuid;
use vestibule_domain::{EmailAddress, Instant, Name, User, UserId, search::folded};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    email: String,
    email_typed: String,
    name: String,
    password_hash: String,
    is_email_verified: bool,
    created_at: Instant,
}

impl From<Row> for (User, String) {
    fn from(row: Row) -> Self {
        let user = User {
            id: row.id.into(),
            email: EmailAddress::stored(row.email, row.email_typed),
            name: Name::stored(row.name),
            is_email_verified: row.is_email_verified,
            created_at: row.created_at,
        };
        (user, row.password_hash)
    }
}

impl Users<'_> {
    pub async fn has_any(&mut self) -> Result<bool, Error> {
        let found: Option<(Uuid,)> =
            on!(self.0, |c| sqlx::query_as("select id from users limit 1").fetch_optional(c).await)?;
        Ok(found.is_some())
    }

    /// Returns the user with the hash of the password.
    pub async fn get(&mut self, id: UserId) -> Result<Option<(User, String)>, Error> {
        const SQL: &str = "select id, email, email_typed, name, password_hash, is_email_verified, created_at from users where id = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Returns the user with this email address, in its normal form, with the hash of the password.
    pub async fn by_email(&mut self, email: &str) -> Result<Option<(User, String)>, Error> {
        const SQL: &str = "select id, email, email_typed, name, password_hash, is_email_verified, created_at from users where email = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(email).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }
}

impl UsersMut<'_, Tx> {
    /// Adds the user. Returns `false` if a user has the email address already.
    pub async fn add(&mut self, user: &User, password_hash: &str) -> Result<bool, Error> {
        const SQL: &str =
            "insert into users (id, email, email_typed, name, search, password_hash, is_email_verified, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (email) do nothing";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(user.id.uuid())
            .bind(user.email.as_str())
            .bind(user.email.typed())
            .bind(user.name.as_str())
            .bind(folded(&format!("{} {}", user.email, user.name)))
            .bind(password_hash)
            .bind(user.is_email_verified)
            .bind(user.created_at)
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    pub async fn verify_email(&mut self, id: UserId) -> Result<(), Error> {
        const SQL: &str = "update users set is_email_verified = $2 where id = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(true).execute(c).await.map(drop))
    }

    /// Replaces the hash of the password. Returns `false` if it is no longer `old`, because somebody else has changed
    /// it meanwhile.
    pub async fn change_password(&mut self, id: UserId, old: &str, new: &str) -> Result<bool, Error> {
        const SQL: &str = "update users set password_hash = $3 where id = $1 and password_hash = $2";
        let rows =
            on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(old).bind(new).execute(c).await?.rows_affected());
        Ok(rows == 1)
    }
}
