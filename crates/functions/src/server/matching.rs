//! What is done to all invitations that match a filter.

use super::{Caller, InvitationQuery, changes, jobs};
use crate::jobs::JobView;
use uuid::Uuid;
use vestibule_core::service::{self, Result};
use vestibule_domain::{ActId, InvitationFilter, JobKind, MailState, RoleId, Status, Tally};
use vestibule_web::{
    Day,
    form::fields,
    query::{Param, address},
};

fields! {
    /// What is to be done, and to which invitations.
    pub struct MatchingQuery {
        act: Param,
        status: Param<Status>,
        q: Param,
        role: Param<RoleId>,
        mail: Param<MailState>,
        inviter: Param<Uuid>,
        created_from: Param<Day>,
        created_to: Param<Day>,
    }
}

impl MatchingQuery {
    /// Returns the query for all that this page of the list and its other pages show.
    pub fn of(kind: JobKind, query: &InvitationQuery) -> Self {
        let InvitationQuery { status, q, role, mail, inviter, created_from, created_to, cursor: _ } = query.clone();
        let act = match kind {
            JobKind::ResendMatching => "resend",
            JobKind::RevokeMatching => "revoke",
        };
        Self { act: Some(act).into(), status, q, role, mail, inviter, created_from, created_to }
    }

    /// Returns the page's URL in the organization with this slug.
    pub fn href(&self, slug: &str) -> String {
        address(&format!("/o/{slug}/invitations/matching"), self)
    }

    /// Returns what is to be done.
    pub fn kind(&self) -> JobKind {
        if self.act.text() == "revoke" { JobKind::RevokeMatching } else { JobKind::ResendMatching }
    }

    /// Returns the query of the list that shows them.
    pub fn list(&self) -> InvitationQuery {
        let Self { act: _, status, q, role, mail, inviter, created_from, created_to } = self.clone();
        InvitationQuery { status, q, role, mail, inviter, created_from, created_to, cursor: Param::default() }
    }

    pub fn filter(&self) -> InvitationFilter {
        self.list().filter()
    }
}

/// What was done, or is going to be done in a job.
pub struct Started {
    pub title: String,
    pub text: String,
    /// The act that can be taken back, if it was so little that it is done.
    pub act: Option<ActId>,
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
            Started { title, text, act: caller.scope.act().filter(|_| tally.done > 0) }
        }
        service::Started::Job(job) => {
            let JobView { title, .. } = jobs::described(&job, caller.vestibule.now());
            Started { title, text: "This continues while you do something else.".to_owned(), act: None }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vestibule_domain::{Instant, UserId};

    #[test]
    fn what_is_done_to_all_has_every_filter_of_the_list() {
        let id = UserId::new(Instant::UNIX_EPOCH);
        let text = format!(
            "status=pending&q=ada&role={id}&mail=failed&inviter={id}&created_from=2026-11-21&created_to=2026-11-22"
        );
        let query = MatchingQuery::of(JobKind::RevokeMatching, &InvitationQuery::parse(&format!("{text}&cursor=abc")));
        assert_eq!(query.href("acme"), format!("/o/acme/invitations/matching?act=revoke&{text}"));
        assert_eq!(query.list(), InvitationQuery::parse(&text));
    }
}
