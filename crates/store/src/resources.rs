//! The resources of an organization.

use super::{
    Error, LockedTx,
    lists::List,
    on,
    subject::{Resources, ResourcesMut},
    values::{CHUNK, Value, Values, bound},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;
use vestibule_domain::{CursorPageRequest, Instant, Label, Name, OrganizationId, Resource, ResourceId, Uses};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    name: String,
    external_id: Option<String>,
    bundle_id: Option<String>,
    created_at: Instant,
}

impl From<Row> for Resource {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            name: Name::stored(row.name),
            external_id: row.external_id.map(Label::stored),
            bundle_id: row.bundle_id.map(Label::stored),
            created_at: row.created_at,
        }
    }
}

impl Resources<'_> {
    /// Returns all resources, in order of creation.
    pub async fn all(&mut self, organization_id: OrganizationId) -> Result<Vec<Resource>, Error> {
        const SQL: &str = "select id, organization_id, name, external_id, bundle_id, created_at
            from resources where organization_id = $1 order by id";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Returns a page of the list, newest first, and one row more.
    pub async fn page(
        &mut self,
        organization_id: OrganizationId,
        page: CursorPageRequest,
    ) -> Result<Vec<Resource>, Error> {
        let mut list = List::of("resources", "id");
        list.and_value("organization_id =", Value::Id(organization_id.uuid()));
        let part = list.page(page);
        let sql = list.select("id, organization_id, name, external_id, bundle_id, created_at", "", &part);
        let values = list.values;
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub async fn get(&mut self, organization_id: OrganizationId, id: ResourceId) -> Result<Option<Resource>, Error> {
        const SQL: &str = "select id, organization_id, name, external_id, bundle_id, created_at
            from resources where organization_id = $1 and id = $2";
        let row: Option<Row> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Returns those of these that the organization has, in no order.
    pub async fn some(&mut self, organization_id: OrganizationId, ids: &[ResourceId]) -> Result<Vec<Resource>, Error> {
        let mut found: Vec<Resource> = Vec::new();
        for ids in ids.chunks(CHUNK) {
            let mut values = Values::default();
            let ids = values.add_all(ids.iter().map(|id| Value::Id(id.uuid())));
            // with a condition on the organization, SQLite would begin with all of its rows
            let sql = format!(
                "select id, organization_id, name, external_id, bundle_id, created_at from resources where id in ({ids})"
            );
            let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(false), values)
                .fetch_all(c)
                .await)?;
            found.extend(rows.into_iter().map(Resource::from).filter(|one| one.organization_id == organization_id));
        }
        Ok(found)
    }

    pub async fn by_external_id(
        &mut self,
        organization_id: OrganizationId,
        external_id: &str,
    ) -> Result<Option<Resource>, Error> {
        const SQL: &str = "select id, organization_id, name, external_id, bundle_id, created_at
            from resources where organization_id = $1 and external_id = $2";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL)
            .bind(organization_id.uuid())
            .bind(external_id)
            .fetch_optional(c)
            .await)?;
        Ok(row.map(Into::into))
    }

    pub async fn count(&mut self, organization_id: OrganizationId) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from resources where organization_id = $1";
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(SQL).bind(organization_id.uuid()).fetch_one(c).await)?;
        Ok(count.unsigned_abs())
    }
}

impl ResourcesMut<'_, LockedTx> {
    /// Adds the resource. Returns `false` if another one has this external id.
    pub async fn add(&mut self, resource: &Resource) -> Result<bool, Error> {
        const SQL: &str = "insert into resources (id, organization_id, name, external_id, bundle_id, created_at)
            values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, external_id) do nothing";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(resource.id.uuid())
            .bind(resource.organization_id.uuid())
            .bind(resource.name.as_str())
            .bind(resource.external_id.as_ref().map(Label::as_str))
            .bind(resource.bundle_id.as_ref().map(Label::as_str))
            .bind(resource.created_at)
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Saves the resource. Returns `false` if another one has this external id.
    pub async fn save(&mut self, resource: &Resource) -> Result<bool, Error> {
        const SQL: &str = "update resources set name = $3, external_id = $4, bundle_id = $5
            where organization_id = $1 and id = $2 and not exists (select 1 from resources other
            where other.organization_id = $1 and other.external_id = $4 and other.id <> $2)";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(resource.organization_id.uuid())
            .bind(resource.id.uuid())
            .bind(resource.name.as_str())
            .bind(resource.external_id.as_ref().map(Label::as_str))
            .bind(resource.bundle_id.as_ref().map(Label::as_str))
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    pub async fn delete(&mut self, organization_id: OrganizationId, id: ResourceId) -> Result<(), Error> {
        const SQL: &str = "delete from resources where organization_id = $1 and id = $2";
        on!(self.0, |c| sqlx::query(SQL).bind(organization_id.uuid()).bind(id.uuid()).execute(c).await.map(drop))
    }
}

impl Resources<'_> {
    /// Returns how many members and open invitations are limited to it.
    pub async fn uses(&mut self, organization_id: OrganizationId, id: ResourceId) -> Result<Uses, Error> {
        const SQL: &str = "select (select count(distinct member_id) from member_resources where resource_id = $2),
            (select count(*) from invitations i where i.organization_id = $1 and i.status = 'pending'
            and exists (select 1 from invitation_resources l where l.invitation_id = i.id and l.resource_id = $2))";
        let (members, invitations): (i64, i64) =
            on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).bind(id.uuid()).fetch_one(c).await)?;
        Ok(Uses { members: members.unsigned_abs(), invitations: invitations.unsigned_abs() })
    }
}
