//! Jobs in words.

use super::{Caller, changes};
use crate::jobs::JobView;
use vestibule_core::service::Result;
use vestibule_domain::number::{grouped, plural};
use vestibule_domain::{Instant, Job, JobKind, JobOutcome};

/// Returns the caller's jobs as they are now.
pub async fn list(caller: &Caller) -> Result<Vec<JobView>> {
    let now = caller.vestibule.now();
    let jobs = caller.vestibule.jobs().current(&caller.scope).await?;
    Ok(jobs.iter().map(|job| described(job, now)).collect())
}

/// Returns the job in words.
pub fn described(job: &Job, now: Instant) -> JobView {
    let (title, text) = match job.end {
        None => under_way(job, now),
        Some(end) => over(job, end.outcome),
    };
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    JobView {
        id: job.id,
        title,
        text,
        done: count(job.dealt_with()),
        total: count(job.total),
        is_over: job.is_over(),
        ask_after: if job.waits(now) { 30 } else { 1 },
    }
}

fn under_way(job: &Job, now: Instant) -> changes::Words {
    let verb = match job.kind {
        JobKind::ResendMatching => "Resending",
        JobKind::RevokeMatching => "Revoking",
    };
    let far = format!("{} of {}", grouped(job.dealt_with()), grouped(job.total));
    let text = match job.waits(now) {
        true => format!("{far}. The rest waits until more emails can be sent, then continues automatically."),
        false => far,
    };
    (format!("{verb} {}", plural(job.total, "invitation", "invitations")), text)
}

fn over(job: &Job, outcome: JobOutcome) -> changes::Words {
    let (title, text) = match job.kind {
        JobKind::ResendMatching => changes::resent_many(job.tally),
        JobKind::RevokeMatching => changes::revoked_many(job.tally),
    };
    let left = job.total.saturating_sub(job.tally.total());
    let rest = match left {
        0 => String::new(),
        1 => "1 stays as it is.".to_owned(),
        more => format!("{} stay as they are.", grouped(more)),
    };
    let why = match outcome {
        JobOutcome::Done => return (title, text),
        JobOutcome::Cancelled => "You cancelled the rest.",
        JobOutcome::NotPermitted => "The rest was not done, because your roles no longer let you invite people.",
        JobOutcome::Erased => "The rest was not done, because a person was erased in the meantime. Start again.",
        JobOutcome::Failed => {
            "The rest was not done, because something failed on our side. Start again, or tell your admin."
        }
    };
    (title, [why, &rest, &text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vestibule_domain::{InvitationFilter, JobBatch, OrganizationId, Tally, UserId};

    fn now() -> Instant {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    fn job(kind: JobKind, done: u64, wait: Option<u64>) -> Job {
        let of = (OrganizationId::new(now()), UserId::new(now()));
        let tally = Tally { done, forbidden: 1, ..Tally::default() };
        let wait = wait.map(Duration::from_secs);
        let job = Job::start(of, kind, InvitationFilter::default(), 4_812, now());
        job.after_batch(JobBatch { tally, last: None, wait }, false, now())
    }

    fn words(job: &Job) -> String {
        let JobView { title, text, .. } = described(job, now());
        format!("{title}: {text}")
    }

    #[test]
    fn a_job_says_how_far_it_is_and_what_came_of_it() {
        let revoking = job(JobKind::RevokeMatching, 1_199, None);
        assert_eq!(words(&revoking), "Revoking 4,812 invitations: 1,200 of 4,812");
        assert_eq!(
            words(&revoking.clone().ended(JobOutcome::Cancelled, now())),
            "1,199 invitations revoked: You cancelled the rest. 3,612 stay as they are. 1 gives more than you can give, and \
             stays as it is. Ask an owner."
        );
        let done = Job { total: 1_200, ..revoking }.ended(JobOutcome::Done, now());
        assert_eq!(
            words(&done),
            "1,199 invitations revoked: 1 gives more than you can give, and stays as it is. Ask an owner."
        );
    }

    #[test]
    fn a_job_that_waits_is_asked_about_less_often() {
        let waits = job(JobKind::ResendMatching, 499, Some(90));
        assert_eq!(
            words(&waits),
            "Resending 4,812 invitations: 500 of 4,812. The rest waits until more emails can be sent, then continues \
             automatically."
        );
        assert_eq!(
            (described(&waits, now()).ask_after, described(&waits, now() + Duration::from_secs(90)).ask_after),
            (30, 1)
        );
    }
}
