//! What is done now and then, each in a loop of its own: none waits for another, and none for mail or webhooks.

use super::supervise::{goes_on, stopped};
use super::{cut, expire, log_failure, prune, remind};
use crate::service::{Result, Vestibule};
use crate::telemetry::metrics;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// How often due work is looked for when nothing tells of any.
const POLL: Duration = Duration::from_secs(5);
/// How often old rows are removed.
const PRUNE_EVERY: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chore {
    Expire,
    Remind,
    Cut,
    RecordFailedSignIns,
    Prune,
}

impl Chore {
    pub const ALL: [Self; 5] = [Self::Expire, Self::Remind, Self::Cut, Self::RecordFailedSignIns, Self::Prune];
    /// Those that something waits for.
    pub const DUE: [Self; 4] = [Self::Expire, Self::Remind, Self::Cut, Self::RecordFailedSignIns];

    pub fn name(self) -> &'static str {
        match self {
            Self::Expire => "expire",
            Self::Remind => "remind",
            Self::Cut => "cut",
            Self::RecordFailedSignIns => "record_failed_sign_ins",
            Self::Prune => "prune",
        }
    }

    /// One round. Returns how much was done; when that is something, there may be more.
    pub async fn once(self, vestibule: &Vestibule) -> Result<u64> {
        let round = async {
            match self {
                Self::Expire => expire::expire(vestibule).await,
                Self::Remind => remind::remind(vestibule).await,
                Self::Cut => cut::cut(vestibule).await,
                Self::RecordFailedSignIns => vestibule.record_failed_sign_ins().await,
                Self::Prune => prune::round(vestibule).await,
            }
        };
        metrics::chore(self.name(), round).await
    }

    /// Goes on until `stop` turns true; a failed round is tried again when it is time for the next.
    pub async fn go_on(self, vestibule: Arc<Vestibule>, mut stop: watch::Receiver<bool>) {
        let mut wakes = vestibule.wakes();
        while goes_on(&stop) {
            let done = self.once(&vestibule).await;
            log_failure(self.name(), done.as_ref());
            if done.is_ok_and(|done| done > 0) {
                continue;
            }
            tokio::select! {
                Ok(()) = wakes.changed(), if self != Self::Prune => {}
                () = tokio::time::sleep(self.every()) => {}
                () = stopped(&mut stop) => {}
            }
        }
    }

    fn every(self) -> Duration {
        if self == Self::Prune { PRUNE_EVERY } else { POLL }
    }
}
