//! Turns: the order in which writes of this process change an organization. A write that waits for its turn holds no
//! connection, so that an organization that is stuck takes none from the others.

use super::Error;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex as Queue, OwnedMutexGuard},
    time::timeout,
};
use vestibule_domain::OrganizationId;

/// The number of organizations from which on queues without waiters are removed.
const MANY: usize = 1_024;

/// The queues of all organizations that somebody waits for.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<OrganizationId, Arc<Queue<()>>>>);

/// The turn to change an organization, which is held until the transaction is committed or rolled back.
pub struct Turn {
    pub organization_id: OrganizationId,
    _held: OwnedMutexGuard<()>,
}

impl Turns {
    /// Returns the turn, if no write of this process has it or waits for it.
    pub fn take_free(&self, organization_id: OrganizationId) -> Option<Turn> {
        let held = self.queue(organization_id).try_lock_owned().ok()?;
        Some(Turn { organization_id, _held: held })
    }

    /// Waits for the turn, in the order of arrival. Returns an error if it does not come within `limit`.
    pub async fn take(&self, organization_id: OrganizationId, limit: Duration) -> Result<Turn, Error> {
        let queue = self.queue(organization_id);
        let held = timeout(limit, queue.lock_owned()).await.map_err(|_| Error::PoolTimedOut)?;
        Ok(Turn { organization_id, _held: held })
    }

    fn queue(&self, organization_id: OrganizationId) -> Arc<Queue<()>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.len() >= MANY {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        Arc::clone(queues.entry(organization_id).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_turn_comes_when_the_one_before_is_over_and_others_do_not_wait_for_it() {
        let turns = Turns::default();
        let [one, other] = [1, 2].map(|n| OrganizationId::from(uuid::Uuid::from_u128(n)));
        let held = turns.take_free(one).unwrap();
        assert!(turns.take_free(one).is_none());
        assert!(turns.take_free(other).is_some());
        assert!(matches!(turns.take(one, Duration::from_secs(5)).await, Err(Error::PoolTimedOut)));
        drop(held);
        assert_eq!(turns.take(one, Duration::from_secs(5)).await.unwrap().organization_id, one);
    }

    #[test]
    fn organizations_that_nobody_waits_for_are_forgotten() {
        let turns = Turns::default();
        for n in 0..5_000 {
            turns.take_free(OrganizationId::from(uuid::Uuid::from_u128(n)));
        }
        assert!(turns.0.lock().unwrap().len() <= MANY);
    }
}
