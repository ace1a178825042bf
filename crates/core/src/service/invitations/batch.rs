//! What a job does to one batch of invitations, in the transaction of that batch. The rules are those of changing one
//! invitation.

use super::{
    answerable::answered,
    limits::charges_of_resend,
    resend::{Renewal, lifetime, renew_link},
    withdraw,
};
use crate::service::{Conflict, Error, Result, Scope, rate_limits::Charge, subject};
use std::time::Duration;
use vestibule_domain::{Instant, Invitation, JobBatch, Power, RateLimit, Role};
use vestibule_store::{LockedTx, Snapshot};

/// The shortest time that a job waits for a limit, so that it is not woken for each single mail.
const WAIT: Duration = Duration::from_secs(60);

/// What the scope may give.
struct Giving {
    roles: Vec<Role>,
    power: Power,
}

impl Giving {
    async fn of(tx: &mut Snapshot, scope: &Scope) -> Result<Self> {
        Ok(Self { roles: tx.roles().all(scope.organization().id).await?, power: scope.power(tx).await? })
    }

    /// Counts the invitation as forbidden if it is.
    fn refuses(&self, invitation: &Invitation, batch: &mut JobBatch) -> bool {
        let refuses = !self.allows(invitation);
        if refuses {
            batch.tally.forbidden += 1;
            batch.last = Some(invitation.id);
        }
        refuses
    }

    fn allows(&self, invitation: &Invitation) -> bool {
        self.power.may_change(&self.roles, invitation)
    }
}

impl subject::Invitations<'_> {
    /// Revokes these invitations.
    pub(in crate::service) async fn revoke_batch(
        self,
        tx: &mut LockedTx,
        scope: &Scope,
        found: Vec<Invitation>,
        now: Instant,
    ) -> Result<JobBatch> {
        let (giving, mut batch) = (Giving::of(tx, scope).await?, JobBatch::default());
        for invitation in found {
            if giving.refuses(&invitation, &mut batch) {
                continue;
            }
            batch.last = Some(invitation.id);
            match withdraw(tx, &scope.actor(), invitation, now).await {
                Ok(_) => batch.tally.done += 1,
                Err(Error::Closed(_)) => batch.tally.closed += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(batch)
    }

    /// Resends these invitations. What a limit of one invitation or mailbox refuses is counted. A limit of many makes the
    /// job wait, because the others would be refused as well, and starting again would resend the same ones first.
    pub(in crate::service) async fn resend_batch(
        self,
        tx: &mut LockedTx,
        scope: &Scope,
        found: Vec<Invitation>,
        now: Instant,
    ) -> Result<JobBatch> {
        let (giving, mut batch) = (Giving::of(tx, scope).await?, JobBatch::default());
        let all: Vec<Charge> = found
            .iter()
            .filter(|invitation| giving.allows(invitation))
            .flat_map(|invitation| charges_of_resend(scope, invitation))
            .collect();
        if !found.is_empty() {
            batch.wait = self.wait_for_room(tx, scope, found.len(), now).await?;
        }
        if found.is_empty() || batch.wait.is_some() {
            return Ok(batch);
        }
        let is_taken = self.take_together(tx, all, now).await?;
        for invitation in found {
            if giving.refuses(&invitation, &mut batch) {
                continue;
            }
            let charges = charges_of_resend(scope, &invitation);
            let refused = if is_taken { Vec::new() } else { self.take_all_or_none(tx, &charges, now).await? };
            if let Some(wait) = refused.iter().filter(|(charge, _)| is_of_many(charge)).map(|(_, wait)| *wait).max() {
                batch.wait = Some(wait.max(WAIT));
                break;
            }
            batch.last = Some(invitation.id);
            if !refused.is_empty() {
                batch.tally.limited += 1;
            } else if self.renew_one(tx, scope, invitation, now).await? {
                batch.tally.done += 1;
            } else {
                self.0.limits().give_back(tx, &charges).await?;
                batch.tally.closed += 1;
            }
        }
        Ok(batch)
    }

    /// Returns how long to wait until the organization may send `count` more, so that half of its hour is left for what
    /// people do meanwhile.
    async fn wait_for_room(
        self,
        tx: &mut Snapshot,
        scope: &Scope,
        count: usize,
        now: Instant,
    ) -> Result<Option<Duration>> {
        let an_hour = self.0.settings().invitations_per_hour as usize;
        let left = (an_hour / 2).min(an_hour.saturating_sub(count));
        let wanted = Charge::of(RateLimit::Invitations, scope.organization().id, left + count.min(an_hour));
        let exceeded = self.0.limits().exceeded(tx, &[&wanted], now).await?;
        Ok(exceeded.first().map(|(_, exceeded)| exceeded.retry_after.max(WAIT)))
    }

    /// Takes all charges in one statement, which locks their rows in one order, or none. Returns whether they are taken.
    async fn take_together(self, tx: &mut LockedTx, charges: Vec<Charge>, now: Instant) -> Result<bool> {
        let charges = super::limits::merged(charges.into_iter());
        Ok(self.take_all_or_none(tx, &charges, now).await?.is_empty())
    }

    /// Takes all charges, or none and returns those that were refused, each with how long that lasts.
    async fn take_all_or_none<'c>(
        self,
        tx: &mut LockedTx,
        charges: &'c [Charge],
        now: Instant,
    ) -> Result<Vec<(&'c Charge, Duration)>> {
        let refused = self.0.limits().take_each(tx, charges, now).await?;
        if refused.is_empty() {
            return Ok(Vec::new());
        }
        let is_taken = |charge: &&Charge| !refused.iter().any(|refused| refused.is_of_same(charge));
        let taken: Vec<Charge> = charges.iter().filter(is_taken).cloned().collect();
        self.0.limits().give_back(tx, &taken).await?;
        let exceeded = self.0.limits().exceeded(tx, &refused, now).await?;
        Ok(exceeded.into_iter().map(|(charge, exceeded)| (charge, exceeded.retry_after)).collect())
    }

    /// Resends the invitation. Returns `false` if it can't be, because it was closed or its address is taken.
    async fn renew_one(self, tx: &mut LockedTx, scope: &Scope, invitation: Invitation, now: Instant) -> Result<bool> {
        let (invitation, change) = answered(tx, scope, invitation).await?;
        let renewal = Renewal { change, lifetime: lifetime(scope), mail_due: now };
        match renew_link(tx, invitation, renewal, &scope.actor(), now).await {
            Ok(_) => Ok(true),
            Err(Error::Closed(_) | Error::Conflict(Conflict::Invitation(_))) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Checks whether the limit concerns more than one invitation or mailbox.
fn is_of_many(charge: &Charge) -> bool {
    let (limit, _) = charge.subject();
    matches!(limit, RateLimit::Invitations | RateLimit::InvitationsOfInviter | RateLimit::EmailsToDomain)
}
