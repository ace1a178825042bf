//! The dependents of a maker: keys, webhooks and open invitations.

use super::id_lists::{INVITATION_RESOURCES, INVITATION_ROLES, read_ids};
use super::{
    Error, LockedTx, api_keys, corrupt, invitations, on,
    subject::{Dependents, DependentsMut},
    webhook_endpoints,
};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;
use vestibule_domain::{
    Actor, ApiKey, ApiKeyId, Instant, Invitation, Inviter, Maker, OrganizationId, ResourceId, RoleId, UserId,
    webhook::WebhookEndpoint,
};

/// Open invitations of one maker with the same offer, so that what is true of one is true of all.
#[derive(Clone, Debug)]
pub struct OfferGroup {
    /// The maker by whom they were found, who is one of the inviter's makers.
    pub maker: Maker,
    pub inviter: Inviter,
    pub role_ids: Vec<RoleId>,
    pub resource_ids: Vec<ResourceId>,
    pub count: u64,
}

/// A maker whose open invitations were too many for one transaction, and the actor who caused the cut.
#[derive(Clone, Debug)]
pub struct UnfinishedCut {
    pub maker: Maker,
    pub actor: Actor,
}

#[derive(sqlx::FromRow)]
struct CutRow {
    maker_id: Uuid,
    maker_type: String,
    actor: Json<Actor>,
}

impl TryFrom<CutRow> for UnfinishedCut {
    type Error = Error;

    fn try_from(row: CutRow) -> Result<Self, Error> {
        let maker = match row.maker_type.as_str() {
            "user" => Maker::User(row.maker_id.into()),
            "api_key" => Maker::ApiKey(row.maker_id.into()),
            _ => return Err(corrupt("unfinished_cuts.maker_type")),
        };
        Ok(Self { maker, actor: row.actor.0 })
    }
}

fn type_of(maker: Maker) -> &'static str {
    match maker {
        Maker::User(_) => "user",
        Maker::ApiKey(_) => "api_key",
    }
}

/// Returns the column that contains this maker of an invitation, and the column of a second maker.
fn columns(maker: Maker) -> (&'static str, &'static str) {
    match maker {
        Maker::User(_) => ("inviter_id", "api_key_id"),
        Maker::ApiKey(_) => ("api_key_id", "inviter_id"),
    }
}

fn inviter(maker: Maker, other: Option<Uuid>) -> Inviter {
    match (maker, other) {
        (Maker::User(id), None) => Inviter::User(id),
        (Maker::ApiKey(id), None) => Inviter::ApiKey(id),
        (Maker::User(user_id), Some(key)) => Inviter::OnBehalf { user_id, api_key_id: key.into() },
        (Maker::ApiKey(api_key_id), Some(user)) => Inviter::OnBehalf { user_id: user.into(), api_key_id },
    }
}

impl OfferGroup {
    /// Returns the second maker.
    fn other(&self) -> Option<Uuid> {
        match self.maker {
            Maker::User(_) => self.inviter.api_key_id().map(ApiKeyId::uuid),
            Maker::ApiKey(_) => self.inviter.user_id().map(UserId::uuid),
        }
    }

    /// Checks whether these are the same invitations, no matter by which maker they were found.
    pub fn is_same(&self, other: &Self) -> bool {
        self.inviter == other.inviter && self.role_ids == other.role_ids && self.resource_ids == other.resource_ids
    }
}

impl Dependents<'_> {
    /// Returns the keys of this maker that are not revoked, oldest first.
    pub async fn keys_made_by(&mut self, organization_id: OrganizationId, maker: Maker) -> Result<Vec<ApiKey>, Error> {
        const SQL: &str =
            "select id, organization_id, surface, name, permissions, hint, kid, created_by, created_at, expires_at,
            last_used_at, revoked_at from api_keys
            where organization_id = $1 and maker_id = $2 and revoked_at is null order by id";
        let rows: Vec<api_keys::Row> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).bind(maker.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the webhooks of this maker that are enabled, oldest first.
    pub async fn endpoints_made_by(
        &mut self,
        organization_id: OrganizationId,
        maker: Maker,
    ) -> Result<Vec<WebhookEndpoint>, Error> {
        const SQL: &str =
            "select id, organization_id, url, description, actions, secret_generation, rotated_at, failing_since,
            disabled_at, disabled_why, created_by, created_at from webhook_endpoints
            where organization_id = $1 and maker_id = $2 and disabled_at is null order by id";
        let rows: Vec<webhook_endpoints::Row> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).bind(maker.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the maker's invitations that are open at `now`, grouped by what they offer.
    pub async fn offers_made_by(
        &mut self,
        organization_id: OrganizationId,
        maker: Maker,
        now: Instant,
    ) -> Result<Vec<OfferGroup>, Error> {
        let (own, other) = columns(maker);
        let (roles, resources) =
            (self.0.id_list(INVITATION_ROLES, "i.id"), self.0.id_list(INVITATION_RESOURCES, "i.id"));
        let sql = format!(
            "select other, role_ids, resource_ids, count(*) from (
                select i.{other} as other, {roles} as role_ids, {resources} as resource_ids from invitations i
                where i.organization_id = $1 and i.{own} = $2 and i.status = 'pending' and i.expires_at > $3) offered
            group by other, role_ids, resource_ids order by role_ids, resource_ids"
        );
        let rows: Vec<(Option<Uuid>, String, String, i64)> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(maker.uuid())
            .bind(now)
            .fetch_all(c)
            .await)?;
        let group = |(other, role_ids, resource_ids, count): (Option<Uuid>, String, String, i64)| OfferGroup {
            maker,
            inviter: inviter(maker, other),
            role_ids: read_ids(&role_ids),
            resource_ids: read_ids(&resource_ids),
            count: count.unsigned_abs(),
        };
        Ok(rows.into_iter().map(group).collect())
    }

    /// Returns the condition that an invitation `i` has the roles `$4` and the resources `$5`.
    fn same_offer(&self) -> String {
        let (roles, resources) =
            (self.0.id_list(INVITATION_ROLES, "i.id"), self.0.id_list(INVITATION_RESOURCES, "i.id"));
        format!("{roles} = $4 and {resources} = $5")
    }

    /// Returns the roles and the resources of the group, as [`Self::same_offer`] compares them.
    fn offer_of(&self, group: &OfferGroup) -> (String, String) {
        let roles = self.0.id_list_of(group.role_ids.iter().map(|id| id.uuid()));
        (roles, self.0.id_list_of(group.resource_ids.iter().map(|id| id.uuid())))
    }

    /// Returns the open invitations of the group, oldest first, at most `limit`.
    pub async fn invitations_of_group(
        &mut self,
        organization_id: OrganizationId,
        group: &OfferGroup,
        now: Instant,
        limit: u64,
    ) -> Result<Vec<Invitation>, Error> {
        let (invitation, offer, (own, other)) = (self.0.invitation_columns(), self.same_offer(), columns(group.maker));
        let sql = format!(
            "select {invitation} from invitations i where i.organization_id = $1 and i.{own} = $2 and i.status = 'pending'
            and i.expires_at > $3 and {offer} and i.{other} is not distinct from $6 order by i.id limit $7"
        );
        let (roles, resources) = self.offer_of(group);
        let rows: Vec<invitations::Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(group.maker.uuid())
            .bind(now)
            .bind(roles)
            .bind(resources)
            .bind(group.other())
            .bind(limit.cast_signed())
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the members with this role who are the maker of an active key, an enabled webhook or a pending
    /// invitation.
    pub async fn makers_with_role(
        &mut self,
        organization_id: OrganizationId,
        role_id: RoleId,
    ) -> Result<Vec<UserId>, Error> {
        const SQL: &str = "select m.user_id from members m where m.organization_id = $1
            and exists (select 1 from member_roles l where l.member_id = m.id and l.role_id = $2)
            and (exists (select 1 from api_keys k where k.organization_id = $1 and k.maker_id = m.user_id and k.revoked_at is null)
            or exists (select 1 from webhook_endpoints e where e.organization_id = $1 and e.maker_id = m.user_id and e.disabled_at is null)
            or exists (select 1 from invitations i where i.organization_id = $1 and i.inviter_id = m.user_id and i.status = 'pending'))
            order by m.id";
        let rows: Vec<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL)
            .bind(organization_id.uuid())
            .bind(role_id.uuid())
            .fetch_all(c)
            .await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Returns the organizations with an unfinished cut, at most `limit`.
    pub async fn organizations_to_cut(&mut self, limit: u32) -> Result<Vec<OrganizationId>, Error> {
        const SQL: &str = "select distinct organization_id from unfinished_cuts order by organization_id limit $1";
        let rows: Vec<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL).bind(i64::from(limit)).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl DependentsMut<'_, LockedTx> {
    /// Gives the open invitations of the group another inviter.
    pub async fn take_over_invitations(
        &mut self,
        organization_id: OrganizationId,
        group: &OfferGroup,
        inviter: Inviter,
        now: Instant,
    ) -> Result<(), Error> {
        let (offer, (own, other)) = (self.0.dependents().same_offer(), columns(group.maker));
        let sql = format!(
            "update invitations as i set inviter_id = $7, api_key_id = $8 where i.organization_id = $1 and i.{own} = $2
            and i.status = 'pending' and i.expires_at > $3 and {offer} and i.{other} is not distinct from $6"
        );
        let (roles, resources) = self.0.dependents().offer_of(group);
        on!(self.0, |c| sqlx::query(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(group.maker.uuid())
            .bind(now)
            .bind(roles)
            .bind(resources)
            .bind(group.other())
            .bind(inviter.user_id().map(UserId::uuid))
            .bind(inviter.api_key_id().map(ApiKeyId::uuid))
            .execute(c)
            .await
            .map(drop))
    }

    /// Notes that this maker has open invitations that still have to be revoked.
    pub async fn add_unfinished_cut(
        &mut self,
        organization_id: OrganizationId,
        cut: &UnfinishedCut,
    ) -> Result<(), Error> {
        const SQL: &str = "insert into unfinished_cuts (organization_id, maker_id, maker_type, actor)
            values ($1, $2, $3, $4) on conflict (organization_id, maker_id) do nothing";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(organization_id.uuid())
            .bind(cut.maker.uuid())
            .bind(type_of(cut.maker))
            .bind(Json(&cut.actor))
            .execute(c)
            .await
            .map(drop))
    }

    /// Removes one unfinished cut of the organization, and returns it.
    pub async fn take_unfinished_cut(
        &mut self,
        organization_id: OrganizationId,
    ) -> Result<Option<UnfinishedCut>, Error> {
        const FIND: &str = "select maker_id, maker_type, actor from unfinished_cuts where organization_id = $1
            order by maker_id limit 1";
        const TAKE: &str = "delete from unfinished_cuts where organization_id = $1 and maker_id = $2";
        let row: Option<CutRow> =
            on!(self.0, |c| sqlx::query_as(FIND).bind(organization_id.uuid()).fetch_optional(c).await)?;
        let Some(row) = row else { return Ok(None) };
        on!(self.0, |c| sqlx::query(TAKE).bind(organization_id.uuid()).bind(row.maker_id).execute(c).await.map(drop))?;
        row.try_into().map(Some)
    }
}
