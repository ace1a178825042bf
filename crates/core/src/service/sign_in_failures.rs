//! Failed sign-ins: a warning in the log at once, and an event in each organization of the account's owner.
//!
//! The worker writes the events: if they were written before the answer, its time would reveal which accounts exist.
//! What can't be written at the moment is kept for the next round. A process that is killed before loses at most those
//! of its last moment, which are in the log.

use super::{Error, Result, rate_limits::Charge, subject};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vestibule_domain::{Actor, Fact, Instant, OrganizationId, RateLimit, User, UserId, client};

/// The most accounts that are remembered until the worker has recorded them. Failures of more accounts are in the log
/// only.
const KEPT: usize = 1_000;

/// The failed sign-ins that the worker has not recorded yet.
#[derive(Default)]
pub(super) struct SignInFailures(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    noted: HashMap<UserId, Failures>,
    /// Accounts whose failures are recorded in some of their organizations, and not yet in others.
    begun: Vec<OpenAttempt>,
}

/// The failures of one account since the worker last recorded them.
#[derive(Clone, Debug, Default)]
struct Failures {
    count: u32,
    /// Whether a rate limit refused a sign-in before its password was checked.
    is_locked_out: bool,
}

/// Failures whose rate limit was charged, with the organizations where they still have to be recorded.
#[derive(Clone, Debug)]
struct OpenAttempt {
    id: UserId,
    failures: Failures,
    organizations: Vec<OrganizationId>,
}

impl SignInFailures {
    fn note(&self, id: UserId, change: impl FnOnce(&mut Failures)) {
        let mut kept = self.kept();
        if kept.len() < KEPT || kept.noted.contains_key(&id) {
            change(kept.noted.entry(id).or_default());
        }
    }

    fn take(&self) -> Kept {
        std::mem::take(&mut *self.kept())
    }

    /// Keeps the failures for the next round, together with those noted in the meantime.
    fn give_back(&self, id: UserId, failures: &Failures) {
        self.note(id, |noted| {
            noted.count = noted.count.saturating_add(failures.count);
            noted.is_locked_out |= failures.is_locked_out;
        });
    }

    fn give_back_begun(&self, begun: OpenAttempt) {
        let mut kept = self.kept();
        if kept.len() < KEPT {
            kept.begun.push(begun);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn len(&self) -> usize {
        self.noted.len() + self.begun.len()
    }
}

impl subject::SignInFailures<'_> {
    /// Logs and notes a sign-in that failed with `error`. No email address is written to the log.
    pub(super) fn note_failed(self, user: Option<&User>, client: IpAddr, error: &Error) {
        let (account, client) = (if user.is_some() { "known" } else { "unknown" }, client::class(client));
        match error {
            Error::Unauthenticated => {
                tracing::warn!(account, client, "a sign-in failed");
                self.note(user, |failures| failures.count += 1);
            }
            Error::RateLimited(exceeded) => {
                tracing::warn!(account, client, "a sign-in was refused: too many have failed");
                let user = user.filter(|_| exceeded.limit == RateLimit::SignIns);
                self.note(user, |failures| failures.is_locked_out = true);
            }
            Error::Forbidden(_)
            | Error::NotFound(_)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::Closed(_)
            | Error::Busy(_)
            | Error::Rows(_)
            | Error::Internal(_) => {}
        }
    }

    fn note(self, user: Option<&User>, change: impl FnOnce(&mut Failures)) {
        if let Some(user) = user {
            self.0.sign_in_failures.note(user.id, change);
            self.0.wake();
        }
    }

    /// Returns the number of accounts whose failed sign-ins are still to be recorded.
    pub(super) fn count_unrecorded(self) -> u64 {
        self.0.sign_in_failures.kept().len() as u64
    }

    /// Records the failures since the last time in each organization of their accounts, and returns the number of
    /// events. What can't be written is kept for the next time, and does not stop the rest.
    pub(crate) async fn record(self) -> Result<u64> {
        let (now, mut recorded, mut failed) = (self.now(), 0, None);
        let Kept { noted, mut begun } = self.0.sign_in_failures.take();
        for (id, failures) in noted {
            if is_hopeless(failed.as_ref()) {
                self.0.sign_in_failures.give_back(id, &failures);
                continue;
            }
            match self.begin_recording(id, now).await {
                Ok(organizations) => begun.push(OpenAttempt { id, failures, organizations }),
                // enough was recorded for this account
                Err(Error::RateLimited(_)) => {}
                Err(error) => {
                    self.0.sign_in_failures.give_back(id, &failures);
                    failed.get_or_insert(error);
                }
            }
        }
        for mut begun in begun {
            recorded += self.record_failures(&mut begun, now, &mut failed).await;
            if !begun.organizations.is_empty() {
                self.0.sign_in_failures.give_back_begun(begun);
            }
        }
        failed.map_or(Ok(recorded), Err)
    }

    /// Charges the limit on recorded failures of the account. Returns the organizations in which to record them.
    async fn begin_recording(self, id: UserId, now: Instant) -> Result<Vec<OrganizationId>> {
        let limit = [Charge::one(RateLimit::SignInEvents, id)];
        self.write(async |tx| {
            self.0.limits().take(tx, &limit, now).await?;
            Ok(tx.organizations().of_user(id).await?.into_iter().map(|organization| organization.id).collect())
        })
        .await
    }

    /// Records the failures in each organization, in a transaction of its own, so that no two organizations are ever
    /// locked together. Keeps those that fail in `begun` and the first failure in `failed`. Returns the number of
    /// recorded events.
    async fn record_failures(self, begun: &mut OpenAttempt, now: Instant, failed: &mut Option<Error>) -> u64 {
        let (mut recorded, mut left) = (0, Vec::new());
        for organization_id in std::mem::take(&mut begun.organizations) {
            if is_hopeless(failed.as_ref()) {
                left.push(organization_id);
                continue;
            }
            match self.record_failures_in(organization_id, begun, now).await {
                Ok(events) => recorded += events,
                Err(error) => {
                    left.push(organization_id);
                    failed.get_or_insert(error);
                }
            }
        }
        begun.organizations = left;
        recorded
    }

    async fn record_failures_in(
        self,
        organization_id: OrganizationId,
        begun: &OpenAttempt,
        now: Instant,
    ) -> Result<u64> {
        self.write(async |tx| {
            let Some((tx, _)) = tx.lock_organization(organization_id).await? else { return Ok(0) };
            let Some(member) = tx.members().of_user(organization_id, begun.id).await? else { return Ok(0) };
            let facts = facts(&begun.failures, member.name.to_string());
            for fact in &facts {
                tx.record(now, &Actor::System, (None, Some(member.id)), fact).await?;
            }
            Ok(facts.len() as u64)
        })
        .await
    }
}

/// Checks whether the database is unavailable, so that all others would fail as well.
fn is_hopeless(failed: Option<&Error>) -> bool {
    matches!(failed, Some(Error::Busy(_)))
}

fn facts(failures: &Failures, name: String) -> Vec<Fact> {
    let failed = (failures.count > 0).then(|| Fact::SignInFailed { name: name.clone(), count: failures.count });
    failed.into_iter().chain(failures.is_locked_out.then_some(Fact::SignInLockedOut { name })).collect()
}
