//! API keys, with the digests of their secrets.

use super::{
    Error, LockedTx, Tx, corrupt, on, organizations,
    subject::{ApiKeys, ApiKeysMut},
    touch,
};
use sqlx::types::Json;
use uuid::Uuid;
use vestibule_domain::{Actor, ApiKey, ApiKeyId, Instant, Maker, Name, Organization, OrganizationId, Permission};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organization_id: Uuid,
    surface: String,
    name: String,
    permissions: Json<Vec<Permission>>,
    hint: String,
    kid: Option<String>,
    created_by: Json<Actor>,
    created_at: Instant,
    expires_at: Option<Instant>,
    last_used_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

#[derive(sqlx::FromRow)]
struct WithOrganization {
    #[sqlx(flatten)]
    row: Row,
    #[sqlx(flatten)]
    organization: organizations::Row,
    /// the digest of its secret, or its public half
    proof: Vec<u8>,
}

/// The columns of a key `k`, but its organization's id.
macro_rules! columns {
    () => {
        "k.id, k.surface, k.name, k.permissions, k.hint, k.kid, k.created_by, k.created_at, k.expires_at,
        k.last_used_at, k.revoked_at"
    };
}

/// The statement for a key with its organization.
macro_rules! with_organization {
    ($proof:literal, $condition:literal) => {
        concat!(
            "select ",
            columns!(),
            ", ",
            $proof,
            " as proof, ",
            organizations::columns!(),
            " from api_keys k join organizations o on o.id = k.organization_id where ",
            $condition
        )
    };
}

/// A key, its organization, and what a request that names it has to match.
pub type KeyWithOrganization = (ApiKey, Organization, Vec<u8>);

impl TryFrom<Row> for ApiKey {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            surface: row.surface.parse().map_err(|_| corrupt("api_keys.surface"))?,
            name: Name::stored(row.name),
            permissions: row.permissions.0,
            hint: row.hint,
            kid: row.kid,
            created_by: row.created_by.0,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

impl ApiKeys<'_> {
    /// Returns all keys, including revoked and expired ones, newest first.
    pub async fn all(&mut self, organization_id: OrganizationId) -> Result<Vec<ApiKey>, Error> {
        const SQL: &str = concat!(
            "select k.organization_id, ",
            columns!(),
            " from api_keys k where k.organization_id = $1 order by k.id desc"
        );
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub async fn get(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, Error> {
        const SQL: &str = concat!("select k.organization_id, ", columns!(), " from api_keys k where k.id = $1");
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns the key with its organization and the digest of its secret, in one statement.
    pub async fn with_organization(&mut self, id: ApiKeyId) -> Result<Option<KeyWithOrganization>, Error> {
        const SQL: &str = with_organization!("k.secret_hash", "k.id = $1");
        let row = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(taken_apart).transpose()
    }

    /// Returns the key with this name in signed requests, with its organization and its public half, in one statement.
    pub async fn by_kid(&mut self, kid: &str) -> Result<Option<KeyWithOrganization>, Error> {
        const SQL: &str = with_organization!("k.public_key", "k.kid = $1 and k.public_key is not null");
        let row = on!(self.0, |c| sqlx::query_as(SQL).bind(kid).fetch_optional(c).await)?;
        row.map(taken_apart).transpose()
    }
}

fn taken_apart(with: WithOrganization) -> Result<KeyWithOrganization, Error> {
    Ok((with.row.try_into()?, with.organization.into(), with.proof))
}

impl ApiKeysMut<'_, LockedTx> {
    /// Adds the key. `public_key` belongs to a key that requests are signed with.
    pub async fn add(&mut self, key: &ApiKey, secret_hash: &[u8], public_key: Option<&[u8]>) -> Result<(), Error> {
        const SQL: &str =
            "insert into api_keys (id, organization_id, surface, name, permissions, secret_hash, hint, created_by,
            created_at, expires_at, kid, public_key, maker_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(key.id.uuid())
            .bind(key.organization_id.uuid())
            .bind(key.surface.as_str())
            .bind(key.name.as_str())
            .bind(Json(&key.permissions))
            .bind(secret_hash)
            .bind(&key.hint)
            .bind(Json(&key.created_by))
            .bind(key.created_at)
            .bind(key.expires_at)
            .bind(key.kid.as_deref())
            .bind(public_key)
            .bind(Maker::of(&key.created_by).map(Maker::uuid))
            .execute(c)
            .await
            .map(drop))
    }

    /// Saves what depends on the maker's power: permissions, maker, and whether the key is revoked.
    pub async fn save(&mut self, key: &ApiKey) -> Result<(), Error> {
        const SQL: &str =
            "update api_keys set permissions = $2, created_by = $3, maker_id = $4, revoked_at = $5 where id = $1";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(key.id.uuid())
            .bind(Json(&key.permissions))
            .bind(Json(&key.created_by))
            .bind(Maker::of(&key.created_by).map(Maker::uuid))
            .bind(key.revoked_at)
            .execute(c)
            .await
            .map(drop))
    }

    /// Revokes the key. Returns `false` if it was revoked before.
    pub async fn revoke(&mut self, id: ApiKeyId, now: Instant) -> Result<bool, Error> {
        const SQL: &str = "update api_keys set revoked_at = $2 where id = $1 and revoked_at is null";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(now).execute(c).await?.rows_affected()) == 1)
    }
}

impl ApiKeysMut<'_, Tx> {
    /// Saves when the key was last used, unless somebody else has locked its row.
    pub async fn touch(&mut self, id: ApiKeyId, now: Instant) -> Result<(), Error> {
        let sql = touch!(self.0, "api_keys", "id", "last_used_at");
        on!(self.0, |c| sqlx::query(sql).bind(id.uuid()).bind(now).execute(c).await.map(drop))
    }
}
