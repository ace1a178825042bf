//! Organizations.

use super::{
    Error, LockedTx, Locks, OpenTx, Tx, events, on,
    subject::{Organizations, OrganizationsMut},
    values::{Value, Values, bound},
};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;
use vestibule_domain::{Head, Instant, Name, Organization, OrganizationId, Origin, Slug, UserId};

/// An organization, as [`columns!`] selects it, also beside something that belongs to it.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    organization_id: Uuid,
    slug: String,
    organization_name: String,
    invitation_lifetime_days: i64,
    reminder_days: Option<i64>,
    allowed_domains: Json<Vec<String>>,
    redirect_origins: Json<Vec<Origin>>,
    invitation_retention_days: Option<i64>,
    mail_retention_days: Option<i64>,
    organization_created_at: Instant,
}

/// The columns of an organization `o`, under names that no other table has.
macro_rules! columns {
    () => {
        "o.id as organization_id, o.slug, o.name as organization_name, o.invitation_lifetime_days, o.reminder_days,
        o.allowed_domains, o.redirect_origins, o.invitation_retention_days, o.mail_retention_days,
        o.created_at as organization_created_at"
    };
}
pub(super) use columns;

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        Self {
            id: row.organization_id.into(),
            slug: Slug::stored(row.slug),
            name: Name::stored(row.organization_name),
            invitation_lifetime_days: u16::try_from(row.invitation_lifetime_days)
                .unwrap_or(Self::DEFAULT_LIFETIME_DAYS),
            reminder_days: row.reminder_days.and_then(|days| u16::try_from(days).ok()),
            allowed_domains: row.allowed_domains.0,
            redirect_origins: row.redirect_origins.0,
            invitation_retention_days: row.invitation_retention_days.and_then(|days| u16::try_from(days).ok()),
            mail_retention_days: row.mail_retention_days.and_then(|days| u16::try_from(days).ok()),
            created_at: row.organization_created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct WithHead {
    #[sqlx(flatten)]
    row: Row,
    event_count: i64,
    event_hash: Vec<u8>,
}

/// The statement for an organization with the end of its chain, and the lock that it takes.
macro_rules! with_head {
    ($lock:literal) => {
        concat!("select ", columns!(), ", o.event_count, o.event_hash from organizations o where o.id = $1", $lock)
    };
}

impl OpenTx {
    /// Locks the organization for this transaction, so that nobody else writes to it until the commit. Returns it with
    /// the transaction in which it is locked, or `None` if there is no such organization.
    pub async fn lock_organization(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(&mut LockedTx, Organization)>, Error> {
        let locked = match &mut self.locks {
            None => self.organizations().with_head(with_head!(""), id).await?,
            Some(locks) => {
                locks.take_turn(id)?;
                self.lock_row(id).await?
            }
        };
        let (organization, head) = locked.unzip();
        self.locked.organization_id = Some(id);
        self.locked.head = head.flatten();
        Ok(organization.map(|organization| (&mut self.locked, organization)))
    }

    /// Locks the row against other writers, but not against transactions that only refer to it. If another process has
    /// locked the row, only a few of our connections may wait for it.
    async fn lock_row(&mut self, id: OrganizationId) -> Result<Option<(Organization, Option<Head>)>, Error> {
        const FREE: &str = with_head!(" for no key update skip locked");
        const HELD: &str = with_head!(" for no key update");
        if let Some(free) = self.organizations().with_head(FREE, id).await? {
            return Ok(Some(free));
        }
        if self.organizations().get(id).await?.is_none() {
            return Ok(None);
        }
        let _leave = self.locks.as_ref().map(Locks::wait).transpose()?;
        self.organizations().with_head(HELD, id).await
    }
}

impl Organizations<'_> {
    pub async fn get(&mut self, id: OrganizationId) -> Result<Option<Organization>, Error> {
        const SQL: &str = concat!("select ", columns!(), " from organizations o where o.id = $1");
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Returns the organization with the end of its chain, or without it if that can't be read: whoever needs it reads
    /// it again and is told.
    async fn with_head(
        &mut self,
        sql: &'static str,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Option<Head>)>, Error> {
        let row: Option<WithHead> = on!(self.0, |c| sqlx::query_as(sql).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(row.map(|with| (with.row.into(), events::head((with.event_count, with.event_hash)).ok())))
    }

    pub async fn by_slug(&mut self, slug: &str) -> Result<Option<Organization>, Error> {
        const SQL: &str = concat!("select ", columns!(), " from organizations o where o.slug = $1");
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(slug).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Returns the number of the last event of each of these that exists.
    pub async fn last_events(&mut self, ids: &[OrganizationId]) -> Result<Vec<(OrganizationId, u64)>, Error> {
        let mut values = Values::default();
        let ids = values.add_all(ids.iter().map(|id| Value::Id(id.uuid())));
        let sql = format!("select id, event_count from organizations where id in ({ids})");
        let rows: Vec<(Uuid, i64)> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(false), values).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id, number)| (id.into(), number.unsigned_abs())).collect())
    }

    pub async fn slugs(&mut self) -> Result<Vec<Slug>, Error> {
        let slugs: Vec<String> =
            on!(self.0, |c| sqlx::query_scalar("select slug from organizations order by slug").fetch_all(c).await)?;
        Ok(slugs.into_iter().map(Slug::stored).collect())
    }

    /// Returns the organizations that the user is a member of, by name.
    pub async fn of_user(&mut self, user_id: UserId) -> Result<Vec<Organization>, Error> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            " from organizations o join members m on m.organization_id = o.id where m.user_id = $1 order by o.name, o.id"
        );
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(user_id.uuid()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl OrganizationsMut<'_, Tx> {
    /// Adds the organization. Returns `false` if the slug is taken.
    pub async fn add(&mut self, organization: &Organization) -> Result<bool, Error> {
        const SQL: &str = "insert into organizations (id, slug, name, invitation_lifetime_days, created_at, allowed_domains, redirect_origins, reminder_days)
            values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (slug) do nothing";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(organization.id.uuid())
            .bind(organization.slug.as_str())
            .bind(organization.name.as_str())
            .bind(i64::from(organization.invitation_lifetime_days))
            .bind(organization.created_at)
            .bind(Json(&organization.allowed_domains))
            .bind(Json(&organization.redirect_origins))
            .bind(organization.reminder_days.map(i64::from))
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Saves name and settings.
    pub async fn save(&mut self, organization: &Organization) -> Result<(), Error> {
        const SQL: &str = "update organizations set name = $2, invitation_lifetime_days = $3, allowed_domains = $4,
            redirect_origins = $5, reminder_days = $6, invitation_retention_days = $7, mail_retention_days = $8 where id = $1";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(organization.id.uuid())
            .bind(organization.name.as_str())
            .bind(i64::from(organization.invitation_lifetime_days))
            .bind(Json(&organization.allowed_domains))
            .bind(Json(&organization.redirect_origins))
            .bind(organization.reminder_days.map(i64::from))
            .bind(organization.invitation_retention_days.map(i64::from))
            .bind(organization.mail_retention_days.map(i64::from))
            .execute(c)
            .await
            .map(drop))
    }
}
