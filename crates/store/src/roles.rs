//! The roles of an organization.

use super::{
    Error, LockedTx, on,
    subject::{Roles, RolesMut},
};
use sqlx::types::Json;
use uuid::Uuid;
use vestibule_domain::{OrganizationId, Permission, Role, RoleId, Uses};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    key: String,
    name: String,
    permissions: Json<Vec<Permission>>,
}

impl From<Row> for Role {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            key: row.key,
            name: row.name,
            permissions: row.permissions.0,
        }
    }
}

impl Roles<'_> {
    /// Returns the roles in order of creation: the built-in ones first, starting with the one with the most
    /// permissions.
    pub async fn all(&mut self, organization_id: OrganizationId) -> Result<Vec<Role>, Error> {
        const SQL: &str =
            "select id, organization_id, key, name, permissions from roles where organization_id = $1 order by id";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl RolesMut<'_, LockedTx> {
    /// Adds the role. Returns `false` if the organization has a role with this key.
    pub async fn add(&mut self, role: &Role) -> Result<bool, Error> {
        const SQL: &str = "insert into roles (id, organization_id, key, name, permissions) values ($1, $2, $3, $4, $5)
            on conflict (organization_id, key) do nothing";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(role.id.uuid())
            .bind(role.organization_id.uuid())
            .bind(&role.key)
            .bind(&role.name)
            .bind(Json(&role.permissions))
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Saves name and permissions.
    pub async fn save(&mut self, role: &Role) -> Result<(), Error> {
        const SQL: &str = "update roles set name = $3, permissions = $4 where organization_id = $1 and id = $2";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(role.organization_id.uuid())
            .bind(role.id.uuid())
            .bind(&role.name)
            .bind(Json(&role.permissions))
            .execute(c)
            .await
            .map(drop))
    }

    pub async fn delete(&mut self, organization_id: OrganizationId, id: RoleId) -> Result<(), Error> {
        const SQL: &str = "delete from roles where organization_id = $1 and id = $2";
        on!(self.0, |c| sqlx::query(SQL).bind(organization_id.uuid()).bind(id.uuid()).execute(c).await.map(drop))
    }
}

impl Roles<'_> {
    /// Returns how many members hold the role, and how many open invitations offer it.
    pub async fn uses(&mut self, organization_id: OrganizationId, id: RoleId) -> Result<Uses, Error> {
        const SQL: &str = "select (select count(distinct member_id) from member_roles where role_id = $2),
            (select count(*) from invitations i where i.organization_id = $1 and i.status = 'pending'
            and exists (select 1 from invitation_roles l where l.invitation_id = i.id and l.role_id = $2))";
        let (members, invitations): (i64, i64) =
            on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).bind(id.uuid()).fetch_one(c).await)?;
        Ok(Uses { members: members.unsigned_abs(), invitations: invitations.unsigned_abs() })
    }
}
