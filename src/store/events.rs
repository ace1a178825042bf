//! Events, numbered without a gap in the order of their organization's commits.

use super::{Error, Tx, on};
use crate::domain::{Actor, Event, EventId, Fact, Instant, InvitationId, MemberId, OrganizationId};
use sqlx::types::Json;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    number: i64,
    at: Instant,
    actor: Json<Actor>,
    invitation_id: Option<Uuid>,
    member_id: Option<Uuid>,
    fact: Json<Fact>,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            number: row.number.unsigned_abs(),
            at: row.at,
            actor: row.actor.0,
            invitation_id: row.invitation_id.map(Into::into),
            member_id: row.member_id.map(Into::into),
            fact: row.fact.0,
        }
    }
}

impl Tx {
    /// Records a fact about an invitation or a member, in the transaction that made it true, and what webhooks
    /// are to tell of it. The organization's row is locked by the count, so numbers follow commits.
    pub async fn record(
        &mut self,
        organization_id: OrganizationId,
        at: Instant,
        actor: &Actor,
        subject: (Option<InvitationId>, Option<MemberId>),
        fact: &Fact,
    ) -> Result<(), Error> {
        const COUNT: &str =
            "update organizations set event_count = event_count + 1 where id = $1 returning event_count";
        const SQL: &str =
            "insert into events (id, organization_id, number, at, actor, invitation_id, member_id, action, fact)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let number: i64 = on!(self, |c| sqlx::query_scalar(COUNT).bind(organization_id.uuid()).fetch_one(c).await)?;
        let id = EventId::new(at);
        on!(self, |c| sqlx::query(SQL)
            .bind(id.uuid())
            .bind(organization_id.uuid())
            .bind(number)
            .bind(at)
            .bind(Json(actor))
            .bind(subject.0.map(InvitationId::uuid))
            .bind(subject.1.map(MemberId::uuid))
            .bind(fact.action())
            .bind(Json(fact))
            .execute(c)
            .await
            .map(drop))?;
        self.add_deliveries(organization_id, id, fact.action(), at).await
    }

    pub async fn event(&mut self, id: EventId) -> Result<Option<Event>, Error> {
        const SQL: &str = "select id, organization_id, number, at, actor, invitation_id, member_id, fact
            from events where id = $1";
        let row: Option<Row> = on!(self, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        Ok(row.map(Into::into))
    }

    /// Newest first.
    pub async fn events_of_invitation(&mut self, id: InvitationId) -> Result<Vec<Event>, Error> {
        const SQL: &str = "select id, organization_id, number, at, actor, invitation_id, member_id, fact
            from events where invitation_id = $1 order by number desc";
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Those after `number`, oldest first, at most `limit`.
    pub async fn events_after(
        &mut self,
        organization_id: OrganizationId,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        const SQL: &str = "select id, organization_id, number, at, actor, invitation_id, member_id, fact
            from events where organization_id = $1 and number > $2 order by number limit $3";
        let rows: Vec<Row> = on!(self, |c| sqlx::query_as(SQL)
            .bind(organization_id.uuid())
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The number of the organization's last event; 0 before the first.
    pub async fn last_event(&mut self, organization_id: OrganizationId) -> Result<u64, Error> {
        const SQL: &str = "select event_count from organizations where id = $1";
        let number: Option<i64> =
            on!(self, |c| sqlx::query_scalar(SQL).bind(organization_id.uuid()).fetch_optional(c).await)?;
        Ok(number.unwrap_or(0).unsigned_abs())
    }
}
