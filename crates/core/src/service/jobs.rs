//! Jobs: what somebody has started and does not fit into one request. It goes on in the background, whether or not they
//! are still there, and they can see how far it is and cancel it.
//!
//! Each batch is one transaction under the organization's lock, which holds the changes, their events and mails, and how
//! far the job is. So it doesn't matter which instance does it, or when one is killed.

use super::{Error, JobConflict, NotFound, Result, Scope, subject};
use vestibule_domain::{
    BulkOutcome, Instant, Invitation, InvitationFilter, InvitationId, Job, JobBatch, JobId, JobKind, JobOutcome,
    Organization, OrganizationId, Permission,
    job::{AT_ONCE, JOB_BATCH, MOST_JOBS, TOLD_FOR},
};
use vestibule_store::{LockedTx, MatchingPart, OpenTx, Snapshot};

/// The result of starting something that may be a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// It was so little that it is done already. If the scope is undoable, it can be taken back.
    AtOnce(Vec<(InvitationId, BulkOutcome)>),
    Job(Box<Job>),
}

impl subject::Jobs<'_> {
    /// Resends all invitations that match the filter and can be resent, now or in a job. Returns `NothingMatches` if
    /// there are none, and `TooMany` if the organization has too many jobs under way.
    pub async fn start_resend_matching(self, scope: &Scope, filter: &InvitationFilter) -> Result<Started> {
        self.start(scope, JobKind::ResendMatching, filter).await
    }

    /// Revokes all invitations that match the filter and are open, as [`Self::start_resend_matching`] resends them.
    pub async fn start_revoke_matching(self, scope: &Scope, filter: &InvitationFilter) -> Result<Started> {
        self.start(scope, JobKind::RevokeMatching, filter).await
    }

    /// Counts the invitations that a job of this kind would be for.
    pub async fn count_matching(self, scope: &Scope, kind: JobKind, filter: &InvitationFilter) -> Result<u64> {
        scope.require(Permission::UserInvite)?;
        filter.check()?;
        let now = self.now();
        self.read(async |tx| count(tx, scope, kind, filter, now).await).await
    }

    async fn start(self, scope: &Scope, kind: JobKind, filter: &InvitationFilter) -> Result<Started> {
        scope.require(Permission::UserInvite)?;
        scope.check_text()?;
        filter.check()?;
        // a job acts as the person who started it
        let user_id = scope.member().ok_or(Error::Forbidden(Permission::UserInvite))?.user_id;
        let now = self.now();
        let of = (scope.organization().id, user_id);
        let (job, first) = self
            .read(async |tx| {
                let total = count(tx, scope, kind, filter, now).await?;
                let job = Job::start(of, kind, filter.clone(), total, now);
                if total <= AT_ONCE {
                    let first = next(tx, &job, None, now).await?;
                    return Ok((job, first));
                }
                check_room(tx, of.0).await?;
                Ok((job, Vec::new()))
            })
            .await?;
        let ids: Vec<InvitationId> = first.into_iter().map(|invitation| invitation.id).collect();
        match (job.total, kind) {
            (0, _) => return Err(JobConflict::NothingMatches.into()),
            (..=AT_ONCE, JobKind::ResendMatching) => {
                return self.0.invitations().resend_many(scope, &ids).await.map(Started::AtOnce);
            }
            (..=AT_ONCE, JobKind::RevokeMatching) => {
                return self.0.invitations().revoke_many(scope, &ids).await.map(Started::AtOnce);
            }
            (_, JobKind::ResendMatching | JobKind::RevokeMatching) => {}
        }
        self.write_in(scope, Some(Permission::UserInvite), async |tx, scope| {
            check_room(tx, scope.organization().id).await?;
            Ok(tx.jobs_mut().add(&job).await?)
        })
        .await?;
        self.0.wake();
        Ok(Started::Job(Box::new(job)))
    }

    /// Returns this person's jobs in this organization that are under way or ended a few minutes ago, the newest first.
    pub async fn current(self, scope: &Scope) -> Result<Vec<Job>> {
        let Some(member) = scope.member() else { return Ok(Vec::new()) };
        let since = self.now() - TOLD_FOR;
        self.read(async |tx| Ok(tx.jobs().of_user(scope.organization().id, member.user_id, since).await?)).await
    }

    /// Ends this person's job after the batch that is being done. What was done stays done. A job that is over stays as
    /// it is.
    pub async fn cancel(self, scope: &Scope, id: JobId) -> Result<Job> {
        let now = self.now();
        self.write_in(scope, None, async |tx, scope| {
            let job = own(tx, scope, id).await?.ended(JobOutcome::Cancelled, now);
            Ok(tx.jobs_mut().save(&job).await?)
        })
        .await?;
        self.read(async |tx| own(tx, scope, id).await).await
    }

    /// Forgets this person's job if it is over.
    pub async fn dismiss(self, scope: &Scope, id: JobId) -> Result<()> {
        self.write_in(scope, None, async |tx, scope| {
            let job = own(tx, scope, id).await?;
            if job.is_over() {
                tx.jobs_mut().remove(job.id).await?;
            }
            Ok(())
        })
        .await
    }

    /// Does one batch of the organization's job that has waited longest. Returns `false` when none is due.
    pub(crate) async fn go_on(self, organization_id: OrganizationId) -> Result<bool> {
        let now = self.now();
        // looked for before the lock, because few may match among very many
        let found = self
            .read(async |tx| match due(tx, organization_id, now).await? {
                Some(job) => Ok(Some((next(tx, &job, None, now).await?, job))),
                None => Ok(None),
            })
            .await?;
        let Some((invitations, job)) = found else { return Ok(false) };
        let ids: Vec<InvitationId> = invitations.into_iter().map(|invitation| invitation.id).collect();
        let done = self.write(async |tx| self.batch(tx, &job, &ids, now).await).await;
        match done {
            Ok(()) => Ok(true),
            // nothing is wrong with the job
            Err(Error::Busy(busy)) => Err(Error::Busy(busy)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a job failed and does not go on");
                self.fail(&job, now).await
            }
        }
    }

    /// Does one batch, unless another instance has done it or the job is over.
    async fn batch(self, tx: &mut OpenTx, seen: &Job, ids: &[InvitationId], now: Instant) -> Result<()> {
        let Some((tx, organization)) = tx.lock_organization(seen.organization_id).await? else { return Ok(()) };
        let job = tx.jobs().get(seen.id).await?;
        let Some(job) = job.filter(|job| !job.is_over() && job.after == seen.after) else { return Ok(()) };
        let job = self.after_batch(tx, organization, job, ids, now).await?;
        Ok(tx.jobs_mut().save(&job).await?)
    }

    /// Ends the job whose batch has failed, because it would fail again.
    async fn fail(self, job: &Job, now: Instant) -> Result<bool> {
        self.write(async |tx| {
            let Some((tx, _)) = tx.lock_organization(job.organization_id).await? else { return Ok(false) };
            let Some(job) = tx.jobs().get(job.id).await? else { return Ok(false) };
            tx.jobs_mut().save(&job.ended(JobOutcome::Failed, now)).await?;
            Ok(true)
        })
        .await
    }

    /// Changes those of these invitations that still match, as the person who started the job, if they still may.
    async fn after_batch(
        self,
        tx: &mut LockedTx,
        organization: Organization,
        job: Job,
        ids: &[InvitationId],
        now: Instant,
    ) -> Result<Job> {
        let member = tx.members().of_user(organization.id, job.user_id).await?;
        let scope = member.map(|member| Scope::of_member(organization, member));
        let Some(scope) = scope.filter(|scope| scope.has(Permission::UserInvite)) else {
            return Ok(job.ended(JobOutcome::NotPermitted, now));
        };
        let found = if ids.is_empty() { Vec::new() } else { next(tx, &job, Some(ids), now).await? };
        let invitations = self.0.invitations();
        let batch = match job.kind {
            JobKind::ResendMatching => invitations.resend_batch(tx, &scope, found, now).await?,
            JobKind::RevokeMatching => invitations.revoke_batch(tx, &scope, found, now).await?,
        };
        let last = if batch.wait.is_some() { batch.last } else { ids.last().copied() };
        Ok(job.after_batch(JobBatch { last, ..batch }, ids.len() < JOB_BATCH as usize, now))
    }
}

/// Ends the organization's jobs that may look for somebody who is being erased.
pub(super) async fn end_jobs(tx: &mut LockedTx, now: Instant) -> Result<()> {
    let organization_id = tx.organization_id();
    for job in tx.jobs().under_way(organization_id).await? {
        if job.may_name_somebody() {
            tx.jobs_mut().save(&job.ended(JobOutcome::Erased, now)).await?;
        }
    }
    Ok(())
}

async fn due(tx: &mut Snapshot, organization_id: OrganizationId, now: Instant) -> Result<Option<Job>> {
    let jobs = tx.jobs().under_way(organization_id).await?;
    Ok(jobs.into_iter().find(|job| job.due_at <= now))
}

/// Returns the next invitations of the job, or those of these ids that still match.
async fn next(tx: &mut Snapshot, job: &Job, among: Option<&[InvitationId]>, now: Instant) -> Result<Vec<Invitation>> {
    let statuses = job.kind.statuses(&job.filter);
    if statuses.is_empty() {
        return Ok(Vec::new());
    }
    let part = MatchingPart { after: job.after, among, limit: JOB_BATCH };
    Ok(tx.invitations().matching(job.organization_id, &job.filter, &statuses, part, now).await?)
}

async fn count(
    tx: &mut Snapshot,
    scope: &Scope,
    kind: JobKind,
    filter: &InvitationFilter,
    now: Instant,
) -> Result<u64> {
    let counts = tx.invitations().count_exactly(scope.organization().id, filter, now).await?;
    Ok(counts.of_any(&kind.statuses(filter)).number)
}

/// Returns `TooMany` when the organization has as many jobs as it may have.
async fn check_room(tx: &mut Snapshot, organization_id: OrganizationId) -> Result<()> {
    let under_way = tx.jobs().under_way(organization_id).await?.len() as u64;
    if under_way >= MOST_JOBS { Err(JobConflict::TooMany.into()) } else { Ok(()) }
}

/// Returns the job of this person in this organization, or `NotFound::Job`.
async fn own(tx: &mut Snapshot, scope: &Scope, id: JobId) -> Result<Job> {
    let user_id = scope.member().map(|member| member.user_id);
    let job = tx.jobs().get(id).await?;
    let is_own = |job: &Job| job.organization_id == scope.organization().id && Some(job.user_id) == user_id;
    Ok(job.filter(is_own).ok_or(NotFound::Job)?)
}
