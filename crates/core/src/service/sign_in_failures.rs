//! Sign-ins that failed: a warning in the log at once, and an event in the organizations of the account's owner.
//!
//! The events are written by the worker: written with the answer, they would tell by its time which accounts there are.
//! What can't be written at this moment is kept for the next round. A process that is killed before loses at most those of
//! its last moment, which the log has.

use super::{Error, Result, Vestibule, rate_limits::Charge};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use vestibule_domain::{Actor, Fact, Instant, OrganizationId, RateLimit, User, UserId, client};

/// Accounts that are remembered until the worker has written them down. What is more than that is in the log only.
const KEPT: usize = 1_000;

#[derive(Default)]
pub(super) struct SignInFailures(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    noted: HashMap<UserId, Failures>,
    /// Written down in some organizations of the account, and not in the others yet.
    begun: Vec<Begun>,
}

/// Of one account, since the worker came by.
#[derive(Clone, Debug, Default)]
struct Failures {
    count: u32,
    /// A limit refused a sign-in before its password was looked at.
    is_locked_out: bool,
}

/// What its limit was taken for, and where it is not written down yet.
#[derive(Clone, Debug)]
struct Begun {
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

    /// For the next round, together with what was noted meanwhile.
    fn give_back(&self, id: UserId, failures: &Failures) {
        self.note(id, |noted| {
            noted.count = noted.count.saturating_add(failures.count);
            noted.is_locked_out |= failures.is_locked_out;
        });
    }

    fn give_back_begun(&self, begun: Begun) {
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

impl Vestibule {
    /// `error` is why; nobody's address stands in the log.
    pub(super) fn note_failed_sign_in(&self, user: Option<&User>, client: IpAddr, error: &Error) {
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
            | Error::Missing(_)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::Closed(_)
            | Error::Busy(_)
            | Error::Rows(_)
            | Error::Internal(_) => {}
        }
    }

    fn note(&self, user: Option<&User>, change: impl FnOnce(&mut Failures)) {
        if let Some(user) = user {
            self.sign_in_failures.note(user.id, change);
            self.wake();
        }
    }

    /// Accounts whose failed sign-ins are still to be recorded.
    pub(super) fn count_unrecorded_sign_ins(&self) -> u64 {
        self.sign_in_failures.kept().len() as u64
    }

    /// Records what failed since the last time, in each organization of its account; returns how many events. What can't be
    /// written is kept for the next time, and keeps nothing else from being written.
    pub(crate) async fn record_failed_sign_ins(&self) -> Result<u64> {
        let (now, mut recorded, mut failed) = (self.now(), 0, None);
        let Kept { noted, mut begun } = self.sign_in_failures.take();
        for (id, failures) in noted {
            if is_hopeless(failed.as_ref()) {
                self.sign_in_failures.give_back(id, &failures);
                continue;
            }
            match self.begin_recording(id, now).await {
                Ok(organizations) => begun.push(Begun { id, failures, organizations }),
                // too many were recorded of this account
                Err(Error::RateLimited(_)) => {}
                Err(error) => {
                    self.sign_in_failures.give_back(id, &failures);
                    failed.get_or_insert(error);
                }
            }
        }
        for mut begun in begun {
            recorded += self.record_failures(&mut begun, now, &mut failed).await;
            if !begun.organizations.is_empty() {
                self.sign_in_failures.give_back_begun(begun);
            }
        }
        failed.map_or(Ok(recorded), Err)
    }

    /// Takes what the account's record is limited to. Returns where it has to be written.
    async fn begin_recording(&self, id: UserId, now: Instant) -> Result<Vec<OrganizationId>> {
        let limit = [Charge::one(RateLimit::SignInEvents, id)];
        self.write(async |tx| {
            self.take(tx, &limit, now).await?;
            Ok(tx.organizations_of(id).await?.into_iter().map(|organization| organization.id).collect())
        })
        .await
    }

    /// Each organization in a transaction of its own, so that no two are ever locked together. Those that fail stay in
    /// `begun`, and the first failure in `failed`. Returns how many events were recorded.
    async fn record_failures(&self, begun: &mut Begun, now: Instant, failed: &mut Option<Error>) -> u64 {
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

    async fn record_failures_in(&self, organization_id: OrganizationId, begun: &Begun, now: Instant) -> Result<u64> {
        self.write(async |tx| {
            let Some((tx, _)) = tx.lock_organization(organization_id).await? else { return Ok(0) };
            let Some(member) = tx.member_of_user(organization_id, begun.id).await? else { return Ok(0) };
            let facts = facts(&begun.failures, member.name.to_string());
            for fact in &facts {
                tx.record(now, &Actor::System, (None, Some(member.id)), fact).await?;
            }
            Ok(facts.len() as u64)
        })
        .await
    }
}

/// Whether the others would only wait for the same database.
fn is_hopeless(failed: Option<&Error>) -> bool {
    matches!(failed, Some(Error::Busy(_)))
}

fn facts(failures: &Failures, name: String) -> Vec<Fact> {
    let failed = (failures.count > 0).then(|| Fact::SignInFailed { name: name.clone(), count: failures.count });
    failed.into_iter().chain(failures.is_locked_out.then_some(Fact::SignInLockedOut { name })).collect()
}
