//! The outbox.

use super::{
    Error, Snapshot, Tx, corrupt,
    lists::{List, by_state},
    on, prune,
    search::MAILS,
    subject::{Mails, MailsMut},
    values::{Value, bound},
};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;
use vestibule_domain::{
    Counts, CursorPageRequest, Instant, InvitationId, Letter, MOST_COUNTED, Mail, MailFilter, MailId, MailState,
    OrganizationId,
};

const COLUMNS: &str = "id, organization_id, letter, recipient, state, attempts, due_at, leased_until, response,
    created_at, sent_at";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: Uuid,
    organization_id: Option<Uuid>,
    letter: Json<Letter>,
    recipient: String,
    state: String,
    attempts: i64,
    due_at: Instant,
    leased_until: Option<Instant>,
    response: Option<String>,
    created_at: Instant,
    sent_at: Option<Instant>,
}

impl TryFrom<Row> for Mail {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.map(Into::into),
            letter: row.letter.0,
            recipient: row.recipient,
            state: row.state.parse().map_err(|_| corrupt("mails.state"))?,
            attempts: u32::try_from(row.attempts).map_err(|_| corrupt("mails.attempts"))?,
            due_at: row.due_at,
            leased_until: row.leased_until,
            response: row.response,
            created_at: row.created_at,
            sent_at: row.sent_at,
        })
    }
}

impl MailsMut<'_, Tx> {
    pub async fn add(&mut self, mail: &Mail) -> Result<(), Error> {
        const SQL: &str = "insert into mails (id, organization_id, invitation_id, letter, recipient, state, attempts, due_at, created_at, tried_since, lane, urgency)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(mail.id.uuid())
            .bind(mail.organization_id.map(OrganizationId::uuid))
            .bind(mail.letter.invitation_id().map(InvitationId::uuid))
            .bind(Json(&mail.letter))
            .bind(&mail.recipient)
            .bind(mail.state.as_str())
            .bind(i64::from(mail.attempts))
            .bind(mail.due_at)
            .bind(mail.created_at)
            .bind(mail.lane().uuid())
            .bind(mail.letter.urgency().number())
            .execute(c)
            .await
            .map(drop))
    }

    pub async fn remove(&mut self, id: MailId) -> Result<(), Error> {
        const SQL: &str = "delete from mails where id = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).execute(c).await.map(drop))
    }
}

impl Mails<'_> {
    pub async fn get(&mut self, id: MailId) -> Result<Option<Mail>, Error> {
        const SQL: &str = "select id, organization_id, letter, recipient, state, attempts, due_at, leased_until, response, created_at, sent_at
            from mails where id = $1";
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }
}

impl MailsMut<'_, Tx> {
    /// Puts a failed, deferred or held mail to the front of the queue, and restarts its schedule. Returns `false` if it
    /// is in none of these states. If a worker is just sending it, that attempt goes on, and its result counts.
    pub async fn requeue(&mut self, id: MailId, now: Instant) -> Result<bool, Error> {
        const SQL: &str = "update mails set state = 'queued', due_at = $2, tried_since = $2, tried_before = attempts
            where id = $1 and state in ('failed', 'deferred', 'held')";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(now).execute(c).await?.rows_affected()) == 1)
    }
}

impl MailsMut<'_, Tx> {
    /// Cancels a mail that no worker has had in its hands. Returns `false` if one has.
    pub async fn recall(&mut self, id: MailId) -> Result<bool, Error> {
        const SQL: &str = "update mails set state = 'cancelled'
            where id = $1 and state = 'queued' and attempts = 0 and leased_until is null";
        Ok(on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).execute(c).await?.rows_affected()) == 1)
    }

    /// Puts a mail back into the queue that was cancelled because its invitation or link was void for a moment.
    pub async fn revive(&mut self, id: MailId, now: Instant) -> Result<(), Error> {
        const SQL: &str = "update mails set state = 'queued', due_at = $2, tried_since = $2, tried_before = attempts
            where id = $1 and state = 'cancelled'";
        on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).bind(now).execute(c).await.map(drop))
    }
}

impl Mails<'_> {
    /// Returns the letters to the invitee, newest first, without those to others about the invitation.
    pub async fn of_invitation(&mut self, id: InvitationId) -> Result<Vec<Mail>, Error> {
        const SQL: &str = "select id, organization_id, letter, recipient, state, attempts, due_at, leased_until, response, created_at, sent_at
            from mails where invitation_id = $1 order by id desc";
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(SQL).bind(id.uuid()).fetch_all(c).await)?;
        let mails: Result<Vec<Mail>, Error> = rows.into_iter().map(TryInto::try_into).collect();
        Ok(mails?
            .into_iter()
            .filter(|mail| matches!(mail.letter, Letter::Invitation { .. } | Letter::Reminder { .. }))
            .collect())
    }

    /// Returns a page of the organization's outbox and one row more, from the cursor on.
    pub async fn page(
        &mut self,
        organization_id: OrganizationId,
        filter: &MailFilter,
        page: CursorPageRequest,
    ) -> Result<Vec<Mail>, Error> {
        let mut list = List::of("mails", "id");
        list.and_value("organization_id =", Value::Id(organization_id.uuid()));
        if let Some(state) = filter.state {
            list.and_value("state =", Value::Text(state.as_str().to_owned()));
        }
        if let Some(text) = &filter.text {
            self.0.mails_to(&mut list, organization_id, text);
        }
        let part = list.page(page);
        let sql = list.select(COLUMNS, "", &part);
        let List { values, is_usual, .. } = list;
        let rows: Vec<Row> = on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(is_usual), values)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the counts of the organization's mails, which are kept beside them.
    pub async fn count_all(&mut self, organization_id: OrganizationId) -> Result<Counts<MailState>, Error> {
        const SQL: &str = "select state, count from mail_counts where organization_id = $1";
        let rows: Vec<(String, i64)> =
            on!(self.0, |c| sqlx::query_as(SQL).bind(organization_id.uuid()).fetch_all(c).await)?;
        Ok(Counts::exact(by_state(rows, "mails.state")?))
    }

    /// Returns the counts by state, of the mails whose recipient's address has this text in it. They are exact if there
    /// are at most [`MOST_COUNTED`].
    pub async fn count_matching(
        &mut self,
        organization_id: OrganizationId,
        text: &str,
    ) -> Result<Counts<MailState>, Error> {
        let mut list = List::of("mails", "id");
        list.and_value("organization_id =", Value::Id(organization_id.uuid()));
        self.0.mails_to(&mut list, organization_id, text);
        let (rows, limit) = (list.select_all("state"), list.limit(Some(MOST_COUNTED + 1)));
        let (sql, values) =
            (format!("select state, count(*) from ({rows}{limit}) counted group by state"), list.values);
        let rows: Vec<(String, i64)> =
            on!(self.0, |c| bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(false), values).fetch_all(c).await)?;
        Ok(Counts::up_to_most(by_state(rows, "mails.state")?))
    }
}

impl Snapshot {
    /// Leaves the mails in the list whose recipient's address has this text in it.
    fn mails_to(&self, list: &mut List, of: OrganizationId, text: &str) {
        list.is_usual = false;
        list.and_contains("lower(recipient)", text);
        self.begin_at_parts(list, &MAILS, of, [text.to_lowercase()]);
    }
}

impl MailsMut<'_, Tx> {
    /// Removes at most `limit` finished mails whose attempts began before `before`. Returns how many.
    pub async fn prune(&mut self, before: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "mails", "id", "state in ('sent', 'failed', 'cancelled') and tried_since <= $1", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
