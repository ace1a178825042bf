//! Events. They are numbered in the order of their organization's commits, without gaps except where a backup was
//! restored, and each has the hash of all events before it.

use super::{Error, LockedTx, corrupt, on, subject::Events};
use serde::Serialize;
use uuid::Uuid;
use vestibule_domain::{
    Actor, Event, EventHash, EventId, Fact, Head, Instant, InvitationId, MemberId, OrganizationId, chain::ChainLink,
    restored,
};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organization_id: Uuid,
    number: i64,
    at: Instant,
    actor: String,
    invitation_id: Option<Uuid>,
    member_id: Option<Uuid>,
    action: String,
    fact: String,
    hash: Vec<u8>,
    /// Read only where the whole link is needed.
    #[sqlx(default)]
    salt: Option<Vec<u8>>,
}

impl TryFrom<Row> for (ChainLink, EventHash) {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let hash = EventHash::of_bytes(&row.hash).ok_or_else(|| corrupt("events.hash"))?;
        let link = ChainLink {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            number: row.number.unsigned_abs(),
            at: row.at,
            actor: row.actor,
            invitation_id: row.invitation_id.map(Into::into),
            member_id: row.member_id.map(Into::into),
            action: row.action,
            fact: row.fact,
            salt: row.salt,
        };
        Ok((link, hash))
    }
}

impl TryFrom<Row> for Event {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let (link, hash) = row.try_into()?;
        Ok(Self {
            id: link.id,
            organization_id: link.organization_id,
            number: link.number,
            at: link.at,
            actor: serde_json::from_str(&link.actor).map_err(|_| corrupt("events.actor"))?,
            invitation_id: link.invitation_id,
            member_id: link.member_id,
            fact: serde_json::from_str(&link.fact).map_err(|_| corrupt("events.fact"))?,
            hash,
        })
    }
}

impl LockedTx {
    /// Records a fact about an invitation or a member of the locked organization, in the transaction that made it true.
    /// The lock makes the numbers follow the commits, and a trigger updates the head. This also adds the deliveries of
    /// webhooks.
    pub async fn record(
        &mut self,
        at: Instant,
        actor: &Actor,
        subject: (Option<InvitationId>, Option<MemberId>),
        fact: &Fact,
    ) -> Result<(), Error> {
        let organization_id = self.organization_id();
        let head = match self.head {
            Some(head) => head,
            None => self.events().head(organization_id).await?,
        };
        self.record_as((head.number + 1, head), at, actor, subject, fact).await
    }

    /// Records a fact under this number, after the head. Later events continue from it.
    async fn record_as(
        &mut self,
        (number, head): (u64, Head),
        at: Instant,
        actor: &Actor,
        subject: (Option<InvitationId>, Option<MemberId>),
        fact: &Fact,
    ) -> Result<(), Error> {
        const SQL: &str = "insert into events (id, organization_id, number, at, actor, actor_id, invitation_id, member_id, action, fact, search, hash, salt)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        let organization_id = self.organization_id();
        let link = ChainLink {
            id: EventId::new(at),
            organization_id,
            number,
            at,
            actor: text_of(actor)?,
            invitation_id: subject.0,
            member_id: subject.1,
            action: fact.action().to_owned(),
            fact: text_of(fact)?,
            salt: Some(rand::random::<[u8; 16]>().to_vec()),
        };
        let hash = link.hash(head.hash);
        on!(self, |c| sqlx::query(SQL)
            .bind(link.id.uuid())
            .bind(organization_id.uuid())
            .bind(link.number.cast_signed())
            .bind(at)
            .bind(&link.actor)
            .bind(actor.key())
            .bind(subject.0.map(InvitationId::uuid))
            .bind(subject.1.map(MemberId::uuid))
            .bind(&link.action)
            .bind(&link.fact)
            .bind(fact.search())
            .bind(hash.as_bytes())
            .bind(&link.salt)
            .execute(c)
            .await
            .map(drop))?;
        self.tx.changed.event(organization_id, number);
        let head = Head { number, hash };
        self.head = Some(head);
        self.seal(organization_id, head).await?;
        self.add_deliveries(organization_id, link.id, fact.action(), at).await
    }

    /// Records that a backup was restored, under a number that nobody can have seen.
    pub async fn record_restored(&mut self, backup_made_at: Instant, now: Instant) -> Result<(), Error> {
        let organization_id = self.organization_id();
        let head = self.events().head(organization_id).await?;
        let fact = Fact::OrganizationRestored { last_number: head.number, backup_made_at };
        let number = restored::next_number(head.number, backup_made_at, now);
        self.record_as((number, head), now, &Actor::System, (None, None), &fact).await
    }
}

impl Events<'_> {
    pub async fn get(&mut self, id: EventId) -> Result<Option<Event>, Error> {
        const SQL: &str = "select id, organization_id, number, at, actor, invitation_id, member_id, action, fact, hash
            from events where id = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Events<'_> {
    /// Returns the events of the invitation, newest first.
    pub async fn of_invitation(&mut self, id: InvitationId) -> Result<Vec<Event>, Error> {
        const SQL: &str = "select id, organization_id, number, at, actor, invitation_id, member_id, action, fact, hash
            from events where invitation_id = $1 order by number desc";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the events after `number`, oldest first, at most `limit`.
    pub async fn after(
        &mut self,
        organization_id: OrganizationId,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Event>, Error> {
        let rows = self.rows_after(organization_id, number, limit).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the events after `number` as they are stored, each with its stored hash.
    pub async fn links_after(
        &mut self,
        organization_id: OrganizationId,
        number: u64,
        limit: u32,
    ) -> Result<Vec<(ChainLink, EventHash)>, Error> {
        let rows = self.rows_after(organization_id, number, limit).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn rows_after(
        &mut self,
        organization_id: OrganizationId,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Row>, Error> {
        const SQL: &str =
            "select id, organization_id, number, at, actor, invitation_id, member_id, action, fact, hash, salt
            from events where organization_id = $1 and number > $2 order by number limit $3";
        on!(self.0, |c| sqlx::query_as(SQL)
            .bind(organization_id.uuid())
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
    }

    /// Returns the number of the organization's last event, or 0 before the first.
    pub async fn last(&mut self, organization_id: OrganizationId) -> Result<u64, Error> {
        Ok(self.head(organization_id).await?.number)
    }

    /// Returns the end of the organization's chain according to its row, or the start if there is no such organization.
    pub async fn head(&mut self, organization_id: OrganizationId) -> Result<Head, Error> {
        const SQL: &str = "select event_count, event_hash from organizations where id = $1";
        let row = on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_optional(c).await)?;
        row.map_or(Ok(Head::START), head)
    }

    /// Returns the highest number of the organization's events according to these, or 0 before the first.
    pub async fn highest(&mut self, organization_id: OrganizationId) -> Result<u64, Error> {
        const SQL: &str = "select max(number) from events where organization_id = $1";
        let number: Option<i64> =
            on!(self.0, |c| sqlx::query_scalar(SQL).bind(organization_id.uuid()).fetch_one(c).await)?;
        Ok(number.unwrap_or(0).unsigned_abs())
    }
}

/// Returns the end of a chain as the columns of its organization say it.
pub(super) fn head((number, hash): (i64, Vec<u8>)) -> Result<Head, Error> {
    let hash = EventHash::of_bytes(&hash).ok_or_else(|| corrupt("organizations.event_hash"))?;
    Ok(Head { number: number.unsigned_abs(), hash })
}

pub(super) fn text_of(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Encode(error.into()))
}
