//! Jobs: work on more rows than one request should wait for. A job is a row that any instance goes on with, one batch in
//! each transaction, until it is done, cancelled, or the person who started it may not go on.

use super::{Instant, InvitationFilter, InvitationId, JobId, OrganizationId, Status, Tally, UserId};
use chrono::Duration;
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// The number of jobs that an organization may have under way.
pub const MOST_JOBS: u64 = 3;
/// What matches at most so many invitations is done at once, and can be undone.
pub const AT_ONCE: u64 = 50;
/// The number of invitations in one transaction of a job.
pub const JOB_BATCH: u32 = 50;
/// For how long the person who started a job is told that it is over.
pub const TOLD_FOR: Duration = Duration::minutes(10);

/// What a job does to each invitation that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum JobKind {
    ResendMatching,
    RevokeMatching,
}

/// How a job has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum JobOutcome {
    Done,
    Cancelled,
    /// The person who started it may no longer do it, or has left.
    NotPermitted,
    /// Somebody was erased meanwhile, whom it may have looked for.
    Erased,
    /// It met something unexpected.
    Failed,
}

/// The end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobEnd {
    pub at: Instant,
    pub outcome: JobOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub organization_id: OrganizationId,
    /// Who started it. Each batch acts as this person.
    pub user_id: UserId,
    pub kind: JobKind,
    /// Which invitations it is for: none that was made after the start. Once it is over, nothing of this is left.
    pub filter: InvitationFilter,
    /// How many matched at the start.
    pub total: u64,
    pub tally: Tally,
    /// The last invitation that it has dealt with. It goes from the oldest to the newest.
    pub after: Option<InvitationId>,
    /// When its next batch is due. The longest overdue is first, and a job that has to wait for a limit is due later.
    pub due_at: Instant,
    pub created_at: Instant,
    pub end: Option<JobEnd>,
}

/// What came of one batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobBatch {
    pub tally: Tally,
    /// The last invitation of it, if any was dealt with.
    pub last: Option<InvitationId>,
    /// For how long a limit forbids to go on.
    pub wait: Option<std::time::Duration>,
}

impl JobKind {
    /// Returns the statuses in which an invitation can be changed like this, of those that the filter asks for.
    pub fn statuses(self, filter: &InvitationFilter) -> Vec<Status> {
        let possible: &[Status] = match self {
            Self::ResendMatching => &[Status::Pending, Status::Expired],
            Self::RevokeMatching => &[Status::Pending],
        };
        possible.iter().copied().filter(|status| filter.status.is_none_or(|asked| asked == *status)).collect()
    }
}

impl Job {
    /// Returns a job that starts now, for `total` invitations.
    pub fn start(
        (organization_id, user_id): (OrganizationId, UserId),
        kind: JobKind,
        filter: InvitationFilter,
        total: u64,
        now: Instant,
    ) -> Self {
        Self {
            id: JobId::new(now),
            organization_id,
            user_id,
            kind,
            filter: as_of(filter, now),
            total,
            tally: Tally::default(),
            after: None,
            due_at: now,
            created_at: now,
            end: None,
        }
    }

    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Checks whether a limit makes it wait.
    pub fn waits(&self, now: Instant) -> bool {
        !self.is_over() && self.due_at > now
    }

    /// Returns how many of its invitations it has dealt with.
    pub fn dealt_with(&self) -> u64 {
        self.tally.total().min(self.total)
    }

    /// Checks whether what it looks for may name a person.
    pub fn may_name_somebody(&self) -> bool {
        self.filter.text.is_some() || self.filter.email.is_some()
    }

    /// Returns the job after a batch. `is_last` says that nothing was found after that batch.
    #[must_use]
    pub fn after_batch(self, batch: JobBatch, is_last: bool, now: Instant) -> Self {
        let due_at = batch.wait.map_or(now, |wait| now + Duration::from_std(wait).unwrap_or(Duration::days(1)));
        let tally = self.tally.and(batch.tally);
        let job = Self { tally, after: batch.last.or(self.after), due_at, ..self };
        if is_last && batch.wait.is_none() { job.ended(JobOutcome::Done, now) } else { job }
    }

    /// Returns the job at its end. One that is over stays as it is. What matched at the start and was not found when it
    /// was its turn counts as closed.
    #[must_use]
    pub fn ended(self, outcome: JobOutcome, now: Instant) -> Self {
        if self.is_over() {
            return self;
        }
        let missed = if outcome == JobOutcome::Done { self.total.saturating_sub(self.tally.total()) } else { 0 };
        let tally = Tally { closed: self.tally.closed + missed, ..self.tally };
        let end = Some(JobEnd { at: now, outcome });
        Self { tally, end, filter: InvitationFilter::default(), ..self }
    }
}

/// Returns the filter without what is made after `now`.
fn as_of(filter: InvitationFilter, now: Instant) -> InvitationFilter {
    let next = now + Duration::microseconds(1);
    let created_to = filter.created_to.map_or(next, |to| to.min(next));
    InvitationFilter { created_to: Some(created_to), ..filter }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, ManualClock};
    use chrono::{TimeZone, Utc};

    fn now() -> Instant {
        ManualClock::new(Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()).now()
    }

    fn job(total: u64) -> Job {
        let of = (OrganizationId::new(now()), UserId::new(now()));
        let filter = InvitationFilter { text: Some("grace".into()), ..InvitationFilter::default() };
        Job::start(of, JobKind::RevokeMatching, filter, total, now())
    }

    fn batch(done: u64) -> JobBatch {
        JobBatch { tally: Tally { done, ..Tally::default() }, last: Some(InvitationId::new(now())), wait: None }
    }

    #[test]
    fn what_is_made_after_the_start_is_not_looked_for() {
        let filter = job(1).filter;
        assert_eq!(filter.created_to, Some(now() + Duration::microseconds(1)));
        let earlier = InvitationFilter { created_to: Some(now() - Duration::days(1)), ..filter };
        assert_eq!(as_of(earlier.clone(), now()), earlier);
    }

    #[test]
    fn only_what_can_be_changed_is_asked_for() {
        let of = |status| InvitationFilter { status, ..InvitationFilter::default() };
        let (resend, revoke) = (JobKind::ResendMatching, JobKind::RevokeMatching);
        assert_eq!(resend.statuses(&of(None)), [Status::Pending, Status::Expired]);
        assert_eq!(revoke.statuses(&of(None)), [Status::Pending]);
        assert_eq!(resend.statuses(&of(Some(Status::Expired))), [Status::Expired]);
        assert_eq!(revoke.statuses(&of(Some(Status::Expired))), []);
        assert_eq!(resend.statuses(&of(Some(Status::Accepted))), []);
    }

    #[test]
    fn it_goes_on_until_nothing_is_found() {
        let job = job(120).after_batch(batch(50), false, now()).after_batch(batch(50), false, now());
        assert_eq!((job.dealt_with(), job.is_over(), job.tally.done), (100, false, 100));
        let job = job.after_batch(batch(18), true, now());
        assert_eq!(job.end, Some(JobEnd { at: now(), outcome: JobOutcome::Done }));
        assert_eq!(job.tally, Tally { done: 118, closed: 2, ..Tally::default() }, "two were closed meanwhile");
        assert_eq!(job.filter, InvitationFilter::default(), "whom it looked for is forgotten");
    }

    #[test]
    fn it_waits_for_a_limit() {
        let wait = Some(std::time::Duration::from_secs(90));
        let job = job(120).after_batch(JobBatch { wait, ..batch(20) }, true, now());
        assert!(job.waits(now()) && !job.waits(now() + Duration::seconds(90)) && !job.is_over());
        let nothing = job.clone().after_batch(JobBatch { wait, ..JobBatch::default() }, false, now());
        assert_eq!(nothing.after, job.after, "a batch of nothing leaves it where it is");
    }

    #[test]
    fn its_end_is_the_first_one() {
        let job = job(120).after_batch(batch(50), false, now()).ended(JobOutcome::Cancelled, now());
        assert_eq!((job.tally.closed, job.dealt_with()), (0, 50), "what was not looked at is not counted");
        assert_eq!(job.clone().ended(JobOutcome::Failed, now() + Duration::days(1)), job);
    }
}
