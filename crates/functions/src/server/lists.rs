//! What is done to all that a list would show, in words. Forms and functions use the same.

use super::{Caller, changes, jobs};
use crate::lists::{ListFilter, Started};
use std::str::FromStr;
use vestibule_core::service::{self, Result};
use vestibule_domain::{InvitationFilter, JobKind, Tally};

/// Returns the filter. What can't be read counts as not given, as in the list's address.
pub fn filter(filter: &ListFilter) -> InvitationFilter {
    InvitationFilter {
        status: read(&filter.status),
        text: read(&filter.q),
        role_id: read(&filter.role),
        ..InvitationFilter::default()
    }
}

fn read<T: FromStr>(text: &str) -> Option<T> {
    Some(text.trim()).filter(|text| !text.is_empty())?.parse().ok()
}

/// Resends all that match, now or in a job.
pub async fn resend_matching(caller: &Caller, matching: &ListFilter) -> Result<Started> {
    start(caller, JobKind::ResendMatching, &filter(matching)).await
}

/// Revokes all that match, now or in a job.
pub async fn revoke_matching(caller: &Caller, matching: &ListFilter) -> Result<Started> {
    start(caller, JobKind::RevokeMatching, &filter(matching)).await
}

/// Starts it, and says what was done or is going to be done.
pub async fn start(caller: &Caller, kind: JobKind, filter: &InvitationFilter) -> Result<Started> {
    let jobs = caller.vestibule.jobs();
    let started = match kind {
        JobKind::ResendMatching => jobs.start_resend_matching(&caller.scope, filter).await?,
        JobKind::RevokeMatching => jobs.start_revoke_matching(&caller.scope, filter).await?,
    };
    Ok(match started {
        service::Started::AtOnce(outcomes) => {
            let tally = Tally::of(&outcomes);
            let (title, text) = match kind {
                JobKind::ResendMatching => changes::resent_many(tally),
                JobKind::RevokeMatching => changes::revoked_many(tally),
            };
            Started { title, text, act: caller.scope.act().filter(|_| tally.done > 0), job: None }
        }
        service::Started::Job(job) => {
            let job = jobs::described(&job, caller.vestibule.now());
            let text = "This goes on while you do something else.".to_owned();
            Started { title: job.title.clone(), text, act: None, job: Some(job) }
        }
    })
}
