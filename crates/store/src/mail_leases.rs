//! Which mails are sent next, and who sends them. A mail is leased only when it is about to be sent.

use super::{
    Error, Lease, Tx, corrupt,
    mails::Row,
    on,
    subject::{MailLeases, MailLeasesMut},
};
use uuid::Uuid;
use vestibule_domain::seats::Lane;
use vestibule_domain::{Instant, Mail, MailState, RetrySchedule, Urgency};

/// A mail that this worker has leased.
#[derive(Clone, Debug)]
pub struct LeasedMail {
    pub mail: Mail,
    pub trying: RetrySchedule,
    /// Whether an earlier attempt ended without an answer of the server, or without being saved, so that the mail may
    /// have arrived.
    pub may_be_out: bool,
}

#[derive(sqlx::FromRow)]
struct LeasedRow {
    #[sqlx(flatten)]
    row: Row,
    tried_since: Instant,
    tried_before: i64,
    may_be_out: bool,
}

impl TryFrom<LeasedRow> for LeasedMail {
    type Error = Error;

    fn try_from(leased: LeasedRow) -> Result<Self, Error> {
        let before = u32::try_from(leased.tried_before).map_err(|_| corrupt("mails.tried_before"))?;
        let trying = RetrySchedule { since: leased.tried_since, before };
        Ok(Self { mail: leased.row.try_into()?, trying, may_be_out: leased.may_be_out })
    }
}

macro_rules! lease {
    ($lock:literal) => {
        concat!(
            "update mails set leased_until = $4, leased_by = $5, attempts = attempts + 1,
                may_be_out = (may_be_out or leased_until is not null)
            where id in (select id from mails
                where state in ('queued', 'deferred') and urgency = $1 and lane = $2 and due_at <= $3
                and (leased_until is null or leased_until <= $3 and (leased_by is null or leased_by <> $5))
                order by due_at, id limit $6",
            $lock,
            ") returning id, organization_id, letter, recipient, state, attempts, due_at, leased_until, response, created_at, sent_at,
                tried_since, tried_before, may_be_out"
        )
    };
}

impl MailLeases<'_> {
    /// Returns the lanes with a mail of this urgency that `lease` could take, in order, starting after `after`, at most
    /// `limit`.
    pub async fn lanes(
        &mut self,
        lease: &Lease,
        urgency: Urgency,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Lane>, Error> {
        // from one lane to the next by the index, however many mails each has
        const SQL: &str = "with recursive lanes (lane) as (
                select (select lane from mails where state in ('queued', 'deferred') and urgency = $1 and lane > $2
                    order by lane limit 1)
                union all
                select (select m.lane from mails m where m.state in ('queued', 'deferred') and m.urgency = $1
                    and m.lane > lanes.lane order by m.lane limit 1)
                from lanes where lanes.lane is not null)
            select lane from lanes where lane is not null and exists (select 1 from mails m
                where m.state in ('queued', 'deferred') and m.urgency = $1 and m.lane = lanes.lane and m.due_at <= $3
                and (m.leased_until is null or m.leased_until <= $3 and (m.leased_by is null or m.leased_by <> $4)))
            limit $5";
        let lanes: Vec<Uuid> = on!(self.0, |c| sqlx::query_scalar(SQL)
            .bind(urgency.number())
            .bind(after.unwrap_or_default())
            .bind(lease.now)
            .bind(lease.by)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        Ok(lanes.into_iter().map(Lane::from).collect())
    }

    /// Returns the mails that are leased to this holder, lapsed or not.
    pub async fn held_by(&mut self, holder: Uuid) -> Result<Vec<Mail>, Error> {
        const SQL: &str = "select id, organization_id, letter, recipient, state, attempts, due_at, leased_until, response, created_at, sent_at
            from mails where leased_until is not null and leased_by = $1";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(holder).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl MailLeasesMut<'_, Tx> {
    /// Leases at most `limit` due mails of the lane, the longest due first, and counts the attempt. The holder does not
    /// get a mail again that it is still working on, even if the lease has lapsed.
    pub async fn lease(
        &mut self,
        lease: &Lease,
        lane: Uuid,
        urgency: Urgency,
        limit: u32,
    ) -> Result<Vec<LeasedMail>, Error> {
        let sql = self.0.for_update(lease!(""), lease!(" for update skip locked"));
        let rows: Vec<LeasedRow> = on!(self.0, |c| sqlx::query_as(sql)
            .bind(urgency.number())
            .bind(lane)
            .bind(lease.now)
            .bind(lease.until)
            .bind(lease.by)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Saves the result of an attempt, and whether the mail may have arrived nevertheless. Returns `false` if the lease
    /// had lapsed and another worker has begun a later attempt.
    pub async fn settle(&mut self, mail: &Mail, may_be_out: bool) -> Result<bool, Error> {
        const SQL: &str = "update mails set state = $3, due_at = $4, response = $5, sent_at = $6, may_be_out = $7,
            leased_until = null, leased_by = null
            where id = $1 and attempts = $2 and state in ('queued', 'deferred')";
        let rows = on!(self.0, |c| sqlx::query(SQL)
            .bind(mail.id.uuid())
            .bind(i64::from(mail.attempts))
            .bind(mail.state.as_str())
            .bind(mail.due_at)
            .bind(&mail.response)
            .bind(mail.sent_at)
            .bind(may_be_out)
            .execute(c)
            .await?
            .rows_affected());
        Ok(rows == 1)
    }

    /// Undoes the lease of a mail that was not sent: the attempt is not counted, and the mail is due at `due_at`.
    pub async fn give_back(&mut self, mail: &Mail, due_at: Instant) -> Result<(), Error> {
        const SQL: &str = "update mails set attempts = attempts - 1, due_at = $3, leased_until = null, leased_by = null
            where id = $1 and attempts = $2 and leased_until is not null and state in ('queued', 'deferred')";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(mail.id.uuid())
            .bind(i64::from(mail.attempts))
            .bind(due_at)
            .execute(c)
            .await
            .map(drop))
    }
}

impl LeasedMail {
    /// Checks by its present row whether this worker still has the mail.
    pub fn is_ours(&self, row: &Mail, now: Instant) -> bool {
        let is_open = matches!(row.state, MailState::Queued | MailState::Deferred);
        is_open && row.attempts == self.mail.attempts && row.leased_until.is_some_and(|until| now < until)
    }
}
