//! Roles of an organization.

use super::{Error, Tx, on};
use crate::domain::{OrganizationId, Permission, Role};
use sqlx::types::Json;
use uuid::Uuid;

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

impl Tx {
    /// In the order they were made: the built-in ones first, the mightiest of them at the top.
    pub async fn roles(&mut self, organization_id: OrganizationId) -> Result<Vec<Role>, Error> {
        const SQL: &str =
            "select id, organization_id, key, name, permissions from roles where organization_id = $1 order by id";
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub async fn add_role(&mut self, role: &Role) -> Result<(), Error> {
        const SQL: &str = "insert into roles (id, organization_id, key, name, permissions) values ($1, $2, $3, $4, $5)";
        on!(self, |c| sqlx::query(SQL)
            .bind(role.id.uuid())
            .bind(role.organization_id.uuid())
            .bind(&role.key)
            .bind(&role.name)
            .bind(Json(&role.permissions))
            .execute(c)
            .await
            .map(drop))
    }
}
