//! The chores: background work at intervals. Each has a loop of its own, so that none waits for another, or for mail or
//! webhooks.

use super::supervise::{goes_on, stopped};
use super::{cut, erase, expire, jobs, log_failure, prune, remind, retention};
use crate::service::{Result, Vestibule};
use std::{sync::Arc, time::Duration};
use strum::IntoStaticStr;
use tokio::sync::watch;
use vestibule_telemetry::metrics;

/// The interval of looking for due work when nothing signals any.
const POLL: Duration = Duration::from_secs(5);
/// The most rows of a kind that are indexed in one transaction. It takes some milliseconds.
const INDEXED: u32 = 500;
/// The interval of removing old rows.
const RARELY: Duration = Duration::from_secs(600);

/// A kind of background work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Chore {
    Expire,
    Remind,
    Cut,
    Erase,
    Jobs,
    RecordFailedSignIns,
    Index,
    Prune,
    Retain,
}

impl Chore {
    /// The chores that something waits for.
    pub const DUE: [Self; 6] =
        [Self::Expire, Self::Remind, Self::Cut, Self::Erase, Self::Jobs, Self::RecordFailedSignIns];
    /// The chores that nothing waits for.
    pub const RARE: [Self; 3] = [Self::Index, Self::Prune, Self::Retain];

    /// Returns the name of the chore in the log and the metrics.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Does one round and returns how much was done. If that is not zero, there may be more.
    pub async fn once(self, vestibule: &Vestibule) -> Result<u64> {
        let round = async {
            match self {
                Self::Expire => expire::expire(vestibule).await,
                Self::Remind => remind::remind(vestibule).await,
                Self::Cut => cut::cut(vestibule).await,
                Self::Erase => erase::erase(vestibule).await,
                Self::Jobs => jobs::go_on(vestibule).await,
                Self::RecordFailedSignIns => vestibule.sign_in_failures().record().await,
                Self::Index => index(vestibule).await,
                Self::Prune => prune::round(vestibule).await,
                Self::Retain => retention::keep(vestibule).await,
            }
        };
        let done = metrics::chore(self.name(), round).await;
        if Self::RARE.contains(&self) {
            metrics::chore_left(self.name(), done.as_ref().ok().copied());
        }
        done
    }

    /// Repeats the chore until `stop` turns true. A failed round is tried again when the next one is due.
    pub async fn go_on(self, vestibule: Arc<Vestibule>, mut stop: watch::Receiver<bool>) {
        let mut wakes = vestibule.wakes();
        while goes_on(&stop) {
            let done = self.once(&vestibule).await;
            log_failure(self.name(), done.as_ref());
            if done.is_ok_and(|done| done > 0) {
                continue;
            }
            tokio::select! {
                Ok(()) = wakes.changed(), if !Self::RARE.contains(&self) => {}
                () = tokio::time::sleep(self.every()) => {}
                () = stopped(&mut stop) => {}
            }
        }
    }

    fn every(self) -> Duration {
        match self {
            Self::Prune | Self::Retain => RARELY,
            _ => POLL,
        }
    }
}

/// Indexes the words of some rows, so that the search does not have to look through them.
async fn index(vestibule: &Vestibule) -> Result<u64> {
    match vestibule.read(async |tx| Ok(tx.has_words_to_index().await?)).await? {
        true => vestibule.write(async |tx| Ok(tx.index_words(INDEXED).await?)).await,
        false => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_metrics_tell_of_every_chore_how_much_is_due() {
        let due: BTreeSet<&str> = Chore::DUE.map(Chore::name).into();
        assert_eq!(due, metrics::CHORES_IN_QUEUES.into(), "those of RARE tell it themselves");
        let queues = ["send_mail", "deliver_webhooks"];
        let all: BTreeSet<&str> = due.into_iter().chain(Chore::RARE.map(Chore::name)).chain(queues).collect();
        assert_eq!(all, metrics::CHORE_NAMES.into());
    }
}
