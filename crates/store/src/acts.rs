//! What people of the portal have just done to invitations, so that they can take it back.

use super::{
    Error, LockedTx, Tx, corrupt, on, prune,
    subject::{Acts, ActsMut},
};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;
use vestibule_domain::{ActId, ActRecord, Changeable, Instant, InvitationId, OrganizationId, UserId};

const COLUMNS: &str =
    "id, invitation_id, organization_id, user_id, change, was, became, remind_at, event_number, done_at";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    invitation_id: Uuid,
    organization_id: Uuid,
    user_id: Uuid,
    change: String,
    was: Json<Changeable>,
    became: Json<Changeable>,
    remind_at: Option<Instant>,
    event_number: i64,
    done_at: Instant,
}

impl TryFrom<Row> for ActRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            act_id: row.id.into(),
            organization_id: row.organization_id.into(),
            invitation_id: row.invitation_id.into(),
            user_id: row.user_id.into(),
            change: row.change.parse().map_err(|_| corrupt("acts.change"))?,
            before: row.was.0,
            after: row.became.0,
            remind_at: row.remind_at,
            event_number: row.event_number.unsigned_abs(),
            done_at: row.done_at,
        })
    }
}

impl Acts<'_> {
    /// Returns what this person did in this act, in the order of the invitations' ids. It is empty for an act of
    /// somebody else or of another organization, and for one that was taken back.
    pub async fn of(
        &mut self,
        organization_id: OrganizationId,
        user_id: UserId,
        id: ActId,
    ) -> Result<Vec<ActRecord>, Error> {
        let sql = format!(
            "select {COLUMNS} from acts where id = $1 and organization_id = $2 and user_id = $3 order by invitation_id"
        );
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id.uuid())
            .bind(organization_id.uuid())
            .bind(user_id.uuid())
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns what this act did to the invitation.
    pub async fn get(&mut self, id: ActId, invitation_id: InvitationId) -> Result<Option<ActRecord>, Error> {
        let sql = format!("select {COLUMNS} from acts where id = $1 and invitation_id = $2");
        let row: Option<Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(id.uuid())
            .bind(invitation_id.uuid())
            .fetch_optional(c)
            .await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Checks whether something has happened to the invitation since the act. What the mail server says, a reminder,
    /// and the opening of the link don't count.
    pub async fn is_overtaken(&mut self, record: &ActRecord) -> Result<bool, Error> {
        const SQL: &str = "select count(*) from events where invitation_id = $1 and number > $2 and action not in
            ('invitation.sent', 'invitation.delivery_failed', 'invitation.reminded', 'invitation.opened')";
        let count: i64 = on!(self.0, |c| sqlx::query_scalar(SQL)
            .bind(record.invitation_id.uuid())
            .bind(record.event_number.cast_signed())
            .fetch_one(c)
            .await)?;
        Ok(count > 0)
    }
}

impl ActsMut<'_, LockedTx> {
    /// Adds the record. If the act has changed the invitation before, the earlier beginning remains.
    pub async fn add(&mut self, record: &ActRecord) -> Result<(), Error> {
        const SQL: &str =
            "insert into acts (id, invitation_id, organization_id, user_id, change, was, became, remind_at,
            event_number, done_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (id, invitation_id) do update set change = excluded.change, became = excluded.became,
            event_number = excluded.event_number, done_at = excluded.done_at";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(record.act_id.uuid())
            .bind(record.invitation_id.uuid())
            .bind(record.organization_id.uuid())
            .bind(record.user_id.uuid())
            .bind(record.change.as_str())
            .bind(Json(&record.before))
            .bind(Json(&record.after))
            .bind(record.remind_at)
            .bind(record.event_number.cast_signed())
            .bind(record.done_at)
            .execute(c)
            .await
            .map(drop))
    }

    /// Removes the record. Returns `false` if somebody else has.
    pub async fn take(&mut self, record: &ActRecord) -> Result<bool, Error> {
        const SQL: &str = "delete from acts where id = $1 and invitation_id = $2";
        Ok(on!(self.0, |c| sqlx::query(SQL)
            .bind(record.act_id.uuid())
            .bind(record.invitation_id.uuid())
            .execute(c)
            .await?
            .rows_affected())
            == 1)
    }

    /// Removes all records of the organization.
    pub async fn forget(&mut self) -> Result<(), Error> {
        const SQL: &str = "delete from acts where organization_id = $1";
        let id = self.0.organization_id().uuid();
        on!(self.0, |c| sqlx::query(SQL).bind(id).execute(c).await.map(drop))
    }
}

impl ActsMut<'_, Tx> {
    /// Removes at most `limit` records of what was done before `before`. Returns how many.
    pub async fn prune(&mut self, before: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "acts", "id, invitation_id", "done_at <= $1", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
