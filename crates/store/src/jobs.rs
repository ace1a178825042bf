//! Jobs: what goes on in the background because somebody has started it.

use super::{
    Error, LockedTx, Tx, corrupt, on, prune,
    subject::{Jobs, JobsMut},
};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;
use vestibule_domain::{
    Instant, InvitationFilter, InvitationId, Job, JobId, OrganizationId, Tally, UserId, job::JobEnd,
};

const COLUMNS: &str = "id, organization_id, user_id, kind, input, total, done, closed, forbidden, limited, after_id,
    due_at, created_at, outcome, finished_at";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    user_id: Uuid,
    kind: String,
    input: Json<InvitationFilter>,
    total: i64,
    done: i64,
    closed: i64,
    forbidden: i64,
    limited: i64,
    after_id: Option<Uuid>,
    due_at: Instant,
    created_at: Instant,
    outcome: Option<String>,
    finished_at: Option<Instant>,
}

impl TryFrom<Row> for Job {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let end = match (row.outcome, row.finished_at) {
            (Some(outcome), Some(at)) => {
                Some(JobEnd { at, outcome: outcome.parse().map_err(|_| corrupt("jobs.outcome"))? })
            }
            (None, None) => None,
            _ => return Err(corrupt("jobs.finished_at")),
        };
        Ok(Self {
            id: row.id.into(),
            organization_id: row.organization_id.into(),
            user_id: row.user_id.into(),
            kind: row.kind.parse().map_err(|_| corrupt("jobs.kind"))?,
            filter: row.input.0,
            total: row.total.unsigned_abs(),
            tally: Tally {
                done: row.done.unsigned_abs(),
                closed: row.closed.unsigned_abs(),
                forbidden: row.forbidden.unsigned_abs(),
                limited: row.limited.unsigned_abs(),
                // a job shows no offers before it edits them
                changed: 0,
            },
            after: row.after_id.map(InvitationId::from),
            due_at: row.due_at,
            created_at: row.created_at,
            end,
        })
    }
}

impl Jobs<'_> {
    pub async fn get(&mut self, id: JobId) -> Result<Option<Job>, Error> {
        let sql = format!("select {COLUMNS} from jobs where id = $1");
        let row: Option<Row> =
            on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Returns the jobs of this person that are under way or have ended after `since`, the newest first.
    pub async fn of_user(
        &mut self,
        organization_id: OrganizationId,
        user_id: UserId,
        since: Instant,
    ) -> Result<Vec<Job>, Error> {
        let sql = format!(
            "select {COLUMNS} from jobs where organization_id = $1 and user_id = $2
            and (finished_at is null or finished_at > $3) order by id desc"
        );
        let rows: Vec<Row> = on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql))
            .bind(organization_id.uuid())
            .bind(user_id.uuid())
            .bind(since)
            .fetch_all(c)
            .await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the organization's jobs that are under way, the next to go on with first.
    pub async fn under_way(&mut self, organization_id: OrganizationId) -> Result<Vec<Job>, Error> {
        let sql = format!(
            "select {COLUMNS} from jobs where organization_id = $1 and finished_at is null order by due_at, id"
        );
        let rows: Vec<Row> =
            on!(self.0, |c| sqlx::query_as(AssertSqlSafe(sql)).bind(organization_id.uuid()).fetch_all(c).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the organizations with a job that is due, the longest overdue first, at most `limit`.
    pub async fn organizations_due(&mut self, now: Instant, limit: u32) -> Result<Vec<OrganizationId>, Error> {
        const SQL: &str = "select organization_id from jobs where finished_at is null and due_at <= $1
            group by organization_id order by min(due_at), organization_id limit $2";
        let ids: Vec<Uuid> =
            on!(self.0, |c| sqlx::query_scalar(SQL).bind(now).bind(i64::from(limit)).fetch_all(c).await)?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}

impl JobsMut<'_, LockedTx> {
    /// Adds a job that starts: nothing of it is done.
    pub async fn add(&mut self, job: &Job) -> Result<(), Error> {
        const SQL: &str = "insert into jobs (id, organization_id, user_id, kind, input, total, done, closed, forbidden,
            limited, due_at, created_at) values ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, $7, $8)";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(job.id.uuid())
            .bind(job.organization_id.uuid())
            .bind(job.user_id.uuid())
            .bind(<&str>::from(job.kind))
            .bind(Json(&job.filter))
            .bind(job.total.cast_signed())
            .bind(job.due_at)
            .bind(job.created_at)
            .execute(c)
            .await
            .map(drop))
    }

    /// Saves how far the job is.
    pub async fn save(&mut self, job: &Job) -> Result<(), Error> {
        const SQL: &str = "update jobs set input = $2, done = $3, closed = $4, forbidden = $5, limited = $6,
            after_id = $7, due_at = $8, outcome = $9, finished_at = $10 where id = $1";
        on!(self.0, |c| sqlx::query(SQL)
            .bind(job.id.uuid())
            .bind(Json(&job.filter))
            .bind(job.tally.done.cast_signed())
            .bind(job.tally.closed.cast_signed())
            .bind(job.tally.forbidden.cast_signed())
            .bind(job.tally.limited.cast_signed())
            .bind(job.after.map(InvitationId::uuid))
            .bind(job.due_at)
            .bind(job.end.map(|end| <&str>::from(end.outcome)))
            .bind(job.end.map(|end| end.at))
            .execute(c)
            .await
            .map(drop))
    }

    pub async fn remove(&mut self, id: JobId) -> Result<(), Error> {
        const SQL: &str = "delete from jobs where id = $1";
        on!(self.0, |c| sqlx::query(SQL).bind(id.uuid()).execute(c).await.map(drop))
    }
}

impl JobsMut<'_, Tx> {
    /// Removes at most `limit` jobs that have ended by `before`. Returns how many.
    pub async fn prune(&mut self, before: Instant, limit: u32) -> Result<u64, Error> {
        let sql = prune!(self.0, "jobs", "id", "finished_at <= $1", "$2");
        Ok(on!(self.0, |c| sqlx::query(sql).bind(before).bind(i64::from(limit)).execute(c).await?.rows_affected()))
    }
}
