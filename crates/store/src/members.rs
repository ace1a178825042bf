//! Members, with their user's name and email address and with their roles.

use super::id_lists::{MEMBER_RESOURCES, MEMBER_ROLES, read_ids};
use super::{
    Error, LockedTx,
    lists::List,
    on,
    subject::{Members, MembersMut},
    values::{CHUNK, Value, Values, bound},
};
use sqlx::{AssertSqlSafe, types::Json};
use std::collections::HashMap;
use uuid::Uuid;
use vestibule_domain::{
    CursorPageRequest, EmailAddress, Instant, InvitationId, Member, MemberId, Metadata, Name, OrganizationId,
    ResourceId, Role, RoleId, UserId,
};

/// The values of a new membership.
pub struct NewMember<'a> {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub role_ids: &'a [RoleId],
    pub resource_ids: &'a [ResourceId],
    pub metadata: &'a Metadata,
    pub invitation_id: Option<InvitationId>,
    pub at: Instant,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organization_id: Uuid,
    user_id: Uuid,
    role_ids: String,
    resource_ids: String,
    metadata: Json<Metadata>,
    invitation_id: Option<Uuid>,
    joined_at: Instant,
    name: String,
    email: String,
    email_typed: String,
}

impl Row {
    pub fn with_roles(self, roles: &[Role]) -> Member {
        let ids = read_ids(&self.role_ids);
        Member {
            id: self.id.into(),
            organization_id: self.organization_id.into(),
            user_id: self.user_id.into(),
            name: Name::stored(self.name),
            email: EmailAddress::stored(self.email, self.email_typed),
            roles: roles.iter().filter(|role| ids.contains(&role.id)).cloned().collect(),
            resource_ids: read_ids(&self.resource_ids),
            metadata: self.metadata.0,
            invitation_id: self.invitation_id.map(Into::into),
            joined_at: self.joined_at,
        }
    }
}

impl Members<'_> {
    /// Returns the columns of a [`Row`], where members are called `m` and users `u` in every query.
    pub(super) fn member_columns(&self) -> String {
        let (roles, resources) = (self.0.id_list(MEMBER_ROLES, "m.id"), self.0.id_list(MEMBER_RESOURCES, "m.id"));
        format!(
            "m.id, m.organization_id, m.user_id, {roles} as role_ids, {resources} as resource_ids, m.metadata,
            m.invitation_id, m.joined_at, u.name, u.email, u.email_typed"
        )
    }

    /// Returns all members, in order of joining.
    pub async fn all(&mut self, organization_id: OrganizationId) -> Result<Vec<Member>, Error> {
        let sql = format!(
            "select {} from members m join users u on u.id = m.user_id where m.organization_id = $1 order by m.id",
            self.member_columns()
        );
        let roles = self.0.roles().all(organization_id).await?;
        let rows: Vec<Row> =
            on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql)).bind(organization_id.uuid()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| row.with_roles(&roles)).collect())
    }

    /// Returns a page of the list and one row more, starting with those who joined last.
    pub async fn page(
        &mut self,
        organization_id: OrganizationId,
        page: CursorPageRequest,
    ) -> Result<Vec<Member>, Error> {
        let mut list = List::of("members m", "m.id");
        list.and_value("m.organization_id =", Value::Id(organization_id.uuid()));
        let part = list.page(page);
        let sql = list.select(&self.member_columns(), " join users u on u.id = m.user_id", &part);
        let (roles, values) = (self.0.roles().all(organization_id).await?, list.values);
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| row.with_roles(&roles)).collect())
    }

    pub async fn get(&mut self, organization_id: OrganizationId, id: MemberId) -> Result<Option<Member>, Error> {
        self.one_member(organization_id, "m.id = $2", id.uuid()).await
    }

    pub async fn of_user(&mut self, organization_id: OrganizationId, user_id: UserId) -> Result<Option<Member>, Error> {
        self.one_member(organization_id, "m.user_id = $2", user_id.uuid()).await
    }

    /// Returns the member with this email address, which is in its normal form.
    pub async fn of_address(&mut self, organization_id: OrganizationId, email: &str) -> Result<Option<Member>, Error> {
        const SQL: &str = "select id from users where email = $1";
        let user: Option<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL).bind(email).fetch_optional(c).await)?;
        match user {
            Some(id) => self.of_user(organization_id, id.into()).await,
            None => Ok(None),
        }
    }

    async fn one_member(
        &mut self,
        organization_id: OrganizationId,
        condition: &str,
        id: Uuid,
    ) -> Result<Option<Member>, Error> {
        let sql = format!(
            "select {} from members m join users u on u.id = m.user_id where m.organization_id = $1 and {condition}",
            self.member_columns()
        );
        let roles = self.0.roles().all(organization_id).await?;
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(id)
            .fetch_optional(c)
            .await)?;
        Ok(row.map(|row| row.with_roles(&roles)))
    }

    /// Returns the ids of the roles of the member with this email address, if there is one. `email` is in its normal
    /// form.
    pub async fn roles_of_address(
        &mut self,
        organization_id: OrganizationId,
        email: &str,
    ) -> Result<Option<Vec<RoleId>>, Error> {
        let sql = format!(
            "select {} from users u join members m on m.user_id = u.id where u.email = $2 and m.organization_id = $1",
            self.0.id_list(MEMBER_ROLES, "m.id")
        );
        let row: Option<(String,)> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(email)
            .fetch_optional(c)
            .await)?;
        Ok(row.map(|(ids,)| read_ids(&ids)))
    }

    /// Returns the ids of the roles of the members with these email addresses. `emails` are in their normal form.
    pub async fn roles_of_addresses(
        &mut self,
        organization_id: OrganizationId,
        emails: &[String],
    ) -> Result<HashMap<String, Vec<RoleId>>, Error> {
        let roles = self.0.id_list(MEMBER_ROLES, "m.id");
        let mut found = HashMap::new();
        for emails in emails.chunks(CHUNK) {
            let mut values = Values::default();
            let of = values.add(Value::Id(organization_id.uuid()));
            let emails = values.add_all(emails.iter().cloned().map(Value::Text));
            let sql = format!(
                "select u.email, {roles} from users u join members m on m.user_id = u.id
                where m.organization_id = {of} and u.email in ({emails})"
            );
            let rows: Vec<(String, String)> =
                on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(c).await)?;
            found.extend(rows.into_iter().map(|(email, ids)| (email, read_ids(&ids))));
        }
        Ok(found)
    }

    /// Returns the number of the organization's members, which is kept beside them.
    pub async fn count(&mut self, organization_id: OrganizationId) -> Result<u64, Error> {
        const SQL: &str = "select count from member_counts where organization_id = $1";
        let count: Option<i64> =
            on!(self.0, |c| sqlx::query_scalar(SQL).bind(organization_id.uuid()).fetch_optional(c).await)?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    /// Returns how many members hold the role.
    pub async fn count_holders(&mut self, organization_id: OrganizationId, role_id: RoleId) -> Result<u64, Error> {
        const SQL: &str = "select count(*) from members m where m.organization_id = $1
            and m.id in (select member_id from member_roles where role_id = $2)";
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(SQL)
            .bind(organization_id.uuid())
            .bind(role_id.uuid())
            .fetch_one(c)
            .await)?;
        Ok(count.unsigned_abs())
    }

    /// Returns the email addresses of members who hold the role, as they were typed, at most `limit`.
    pub async fn addresses_of_holders(
        &mut self,
        organization_id: OrganizationId,
        role_id: RoleId,
        limit: u32,
    ) -> Result<Vec<String>, Error> {
        const SQL: &str = "select u.email_typed from members m join users u on u.id = m.user_id
            where m.organization_id = $1 and m.id in (select member_id from member_roles where role_id = $2)
            order by m.id limit $3";
        on!(self.0, |c| sqlx::query_scalar(SQL)
            .bind(organization_id.uuid())
            .bind(role_id.uuid())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
    }
}

impl MembersMut<'_, LockedTx> {
    pub async fn add(&mut self, joining: &NewMember<'_>) -> Result<(), Error> {
        const SQL: &str = "insert into members (id, organization_id, user_id, metadata, invitation_id, joined_at)
            values ($1, $2, $3, $4, $5, $6)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(joining.id.uuid())
            .bind(joining.organization_id.uuid())
            .bind(joining.user_id.uuid())
            .bind(Json(joining.metadata))
            .bind(joining.invitation_id.map(InvitationId::uuid))
            .bind(joining.at)
            .execute(c)
            .await
            .map(drop))?;
        let id = joining.id.uuid();
        self.0.add_ids(MEMBER_ROLES, id, joining.role_ids.iter().map(|id| id.uuid())).await?;
        self.0.add_ids(MEMBER_RESOURCES, id, joining.resource_ids.iter().map(|id| id.uuid())).await
    }

    /// Saves roles, resources and metadata.
    pub async fn save(&mut self, member: &Member) -> Result<(), Error> {
        const SQL: &str = "update members set metadata = $3 where organization_id = $1 and id = $2";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(member.organization_id.uuid())
            .bind(member.id.uuid())
            .bind(Json(&member.metadata))
            .execute(c)
            .await
            .map(drop))?;
        let id = member.id.uuid();
        self.0.save_ids(MEMBER_ROLES, id, member.roles.iter().map(|role| role.id.uuid())).await?;
        self.0.save_ids(MEMBER_RESOURCES, id, member.resource_ids.iter().map(|id| id.uuid())).await
    }

    pub async fn remove(&mut self, organization_id: OrganizationId, id: MemberId) -> Result<(), Error> {
        const SQL: &str = "delete from members where organization_id = $1 and id = $2";
        on!(self.0, |c| sqlx::query(SQL).bind(organization_id.uuid()).bind(id.uuid()).execute(c).await.map(drop))
    }
}
