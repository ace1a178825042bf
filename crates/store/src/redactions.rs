//! Redactions: finding the events that must be redacted, replacing their contents, and the rows that record the new
//! contents.

use super::{
    Error, LockedTx, corrupt,
    events::Row,
    events::text_of,
    on,
    subject::{Redactions, RedactionsMut},
};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use vestibule_domain::{
    Actor, ErasedPerson, EventHash, EventId, Fact, OrganizationId,
    chain::{ChainLink, Redaction},
};

/// An event as it is stored, with what is known about its place in the chain.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub link: ChainLink,
    pub hash: EventHash,
    /// The hash of the event before it.
    pub before: EventHash,
    /// Whether it belongs to an invitation to the person who is being erased.
    pub is_invitees: bool,
}

#[derive(sqlx::FromRow)]
struct StoredEventRow {
    #[sqlx(flatten)]
    row: Row,
    before_hash: Option<Vec<u8>>,
    is_invitees: i64,
}

#[derive(sqlx::FromRow)]
struct RedactionRow {
    number: i64,
    by_number: i64,
    before_hash: Vec<u8>,
    hash: Vec<u8>,
    content_hash: Vec<u8>,
}

impl TryFrom<StoredEventRow> for StoredEvent {
    type Error = Error;

    fn try_from(placed: StoredEventRow) -> Result<Self, Error> {
        let (link, hash) = placed.row.try_into()?;
        let before = match placed.before_hash {
            Some(bytes) => EventHash::of_bytes(&bytes).ok_or_else(|| corrupt("events.hash"))?,
            None => EventHash::START,
        };
        Ok(Self { link, hash, before, is_invitees: placed.is_invitees != 0 })
    }
}

impl TryFrom<RedactionRow> for Redaction {
    type Error = Error;

    fn try_from(row: RedactionRow) -> Result<Self, Error> {
        let hash = |bytes: &[u8]| EventHash::of_bytes(bytes).ok_or_else(|| corrupt("redactions.hash"));
        Ok(Self {
            number: row.number.unsigned_abs(),
            before: hash(&row.before_hash)?,
            hash: hash(&row.hash)?,
            content: hash(&row.content_hash)?,
        })
    }
}

impl Redactions<'_> {
    /// Returns the last redaction of each event after `first` up to `last` that has one of a later event, and the
    /// highest number of such a later event. Whether that event does vouch for them is checked when the walk gets to
    /// it.
    pub async fn between(
        &mut self,
        of: OrganizationId,
        first: u64,
        last: u64,
    ) -> Result<(BTreeMap<u64, Redaction>, u64), Error> {
        const SQL: &str = "select r.number, r.by_number, r.before_hash, r.hash, r.content_hash from redactions r
            join events e on e.organization_id = r.organization_id and e.number = r.by_number
            where r.organization_id = $1 and r.number > $2 and r.number <= $3 and r.by_number > r.number
            and e.action = 'person.events_redacted' order by r.number, r.by_number";
        let rows: Vec<RedactionRow> = on!(self.0, |c| sqlx::query_as(SQL)
            .bind(of.uuid())
            .bind(i64::try_from(first).unwrap_or(i64::MAX))
            .bind(i64::try_from(last).unwrap_or(i64::MAX))
            .fetch_all(c)
            .await)?;
        let highest = rows.iter().map(|row| row.by_number.unsigned_abs()).max().unwrap_or(0);
        let mut redactions = BTreeMap::new();
        for row in rows {
            redactions.insert(row.number.unsigned_abs(), row.try_into()?);
        }
        Ok((redactions, highest))
    }

    /// Returns all redactions that the event with this number vouches for, in order.
    pub async fn by(&mut self, of: OrganizationId, by: u64) -> Result<Vec<Redaction>, Error> {
        const SQL: &str = "select number, by_number, before_hash, hash, content_hash from redactions
            where organization_id = $1 and by_number = $2 order by number";
        let rows: Vec<RedactionRow> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(of.uuid()).bind(by.cast_signed()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the events after `number` in order, at most `limit`. If the person's erasure is not thorough, only
    /// events of invitations to them are returned.
    pub async fn events_to_redact(
        &mut self,
        of: OrganizationId,
        person: &ErasedPerson,
        number: u64,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, Error> {
        let only = if person.is_thorough {
            ""
        } else {
            "and e.invitation_id in (select id from invitations where organization_id = $1 and email = $3)"
        };
        let sql = format!(
            "select e.id, e.organization_id, e.number, e.at, e.actor, e.invitation_id, e.member_id, e.action, e.fact, e.hash,
            e.salt, (select p.hash from events p where p.organization_id = $1 and p.number = e.number - 1) as before_hash,
            (select count(*) from invitations i where i.id = e.invitation_id and i.email = $3) as is_invitees
            from events e where e.organization_id = $1 and e.number > $2 {only} order by e.number limit $4"
        );
        let rows: Vec<StoredEventRow> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(of.uuid())
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .bind(person.address().as_str())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl RedactionsMut<'_, LockedTx> {
    /// Replaces the contents of the event, and removes its salt and what endpoints answered to its deliveries. Its hash
    /// is kept. Returns actor and fact as they are stored.
    pub async fn redact(&mut self, id: EventId, actor: &Actor, fact: &Fact) -> Result<(String, String), Error> {
        const EVENT: &str =
            "update events set actor = $2, actor_id = $3, fact = $4, search = $5, salt = null where id = $1";
        const ANSWERS: &str = "update webhook_attempts set answer = '' where answer <> '' and delivery_id in
            (select id from webhook_deliveries where event_id = $1)";
        let texts = (text_of(actor)?, text_of(fact)?);
        on!(self.0, |c| sqlx::query(EVENT)
            .bind(id.uuid())
            .bind(&texts.0)
            .bind(actor.key())
            .bind(&texts.1)
            .bind(fact.search())
            .execute(c)
            .await
            .map(drop))?;
        on!(self.0, |c| sqlx::query(ANSWERS).bind(id.uuid()).execute(c).await.map(drop))?;
        Ok(texts)
    }

    /// Stores the redactions that the event with this number vouches for.
    pub async fn add(&mut self, of: OrganizationId, by: u64, redactions: &[Redaction]) -> Result<(), Error> {
        const SQL: &str = "insert into redactions (organization_id, number, by_number, before_hash, hash, content_hash)
            values ($1, $2, $3, $4, $5, $6)";
        for redaction in redactions {
            on!(self.0, |c| sqlx::query(SQL)
                .bind(of.uuid())
                .bind(redaction.number.cast_signed())
                .bind(by.cast_signed())
                .bind(redaction.before.as_bytes())
                .bind(redaction.hash.as_bytes())
                .bind(redaction.content.as_bytes())
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }
}
