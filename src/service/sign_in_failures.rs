//! Sign-ins that failed: a warning in the log at once, and an event in the organizations of the account's owner.
//!
//! The events are written by the worker: written with the answer, they would tell by its time which accounts there are.
//! A process that is killed before loses at most those of its last moment, which the log has.

use super::{Error, Result, Vestibule, rate_limits::Charge};
use crate::domain::{Actor, Fact, Instant, RateLimit, User, UserId, client};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Accounts that are remembered until the worker comes by. What is more than that is in the log only.
const KEPT: usize = 1_000;

#[derive(Default)]
pub(super) struct SignInFailures(Mutex<HashMap<UserId, Failures>>);

/// Of one account, since the worker came by.
#[derive(Clone, Debug, Default)]
struct Failures {
    count: u32,
    /// A limit refused a sign-in before its password was looked at.
    is_locked_out: bool,
}

impl SignInFailures {
    fn note(&self, id: UserId, change: impl FnOnce(&mut Failures)) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() < KEPT || failures.contains_key(&id) {
            change(failures.entry(id).or_default());
        }
    }

    fn take(&self) -> HashMap<UserId, Failures> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
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

    /// Records what failed since the last time, in each organization of its account; returns how many events.
    pub(crate) async fn record_failed_sign_ins(&self) -> Result<u64> {
        let (now, mut recorded) = (self.now(), 0);
        for (id, failures) in self.sign_in_failures.take() {
            let limit = [Charge::one(RateLimit::SignInEvents, id)];
            match self.write(async |tx| self.take(tx, &limit, now).await).await {
                Err(Error::RateLimited(_)) => continue,
                taken => taken?,
            }
            recorded += self.record_failures(id, &failures, now).await?;
        }
        Ok(recorded)
    }

    /// Each organization in a transaction of its own, so that no two are ever locked together.
    async fn record_failures(&self, id: UserId, failures: &Failures, now: Instant) -> Result<u64> {
        let organizations = self.read(async |tx| Ok(tx.organizations_of(id).await?)).await?;
        let mut recorded = 0;
        for organization in organizations {
            recorded += self
                .write(async |tx| {
                    let Some((tx, _)) = tx.lock_organization(organization.id).await? else { return Ok(0) };
                    let Some(member) = tx.member_of_user(organization.id, id).await? else { return Ok(0) };
                    let facts = facts(failures, member.name.to_string());
                    for fact in &facts {
                        tx.record(now, &Actor::System, (None, Some(member.id)), fact).await?;
                    }
                    Ok(facts.len() as u64)
                })
                .await?;
        }
        Ok(recorded)
    }
}

fn facts(failures: &Failures, name: String) -> Vec<Fact> {
    let failed = (failures.count > 0).then(|| Fact::SignInFailed { name: name.clone(), count: failures.count });
    failed.into_iter().chain(failures.is_locked_out.then_some(Fact::SignInLockedOut { name })).collect()
}
