//! Background work. The database is its only memory: if the process is killed at any point, another one continues.

mod chores;
mod cut;
mod deliver_webhooks;
mod erase;
mod expire;
mod jobs;
mod mail_queue;
mod prune;
mod queue;
mod remind;
mod retention;
mod saving;
mod send_mail;
mod supervise;
mod webhook_queue;

use crate::service::{Error, Result, Vestibule};
use chores::Chore;
use futures::future::join_all;
use std::sync::Arc;
use supervise::supervise;
use tokio::sync::watch;

/// Whether a round did something, so that there may be more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundProgress {
    Some,
    None,
}

/// Works until `shutdown` turns true, and then finishes what is being sent. Mail, webhooks and each chore run
/// independently: one that hangs, fails or panics does not hold up the others.
pub async fn run(vestibule: Arc<Vestibule>, shutdown: watch::Receiver<bool>) {
    let chores = Chore::DUE.into_iter().chain(Chore::RARE).map(|chore| {
        let (vestibule, stop) = (Arc::clone(&vestibule), shutdown.clone());
        let begin = move || chore.go_on(Arc::clone(&vestibule), stop.clone());
        supervise(chore.name(), shutdown.clone(), begin)
    });
    let chores = join_all(chores);
    let (for_mail, for_webhooks) = (Arc::clone(&vestibule), vestibule);
    let (stop_mail, stop_webhooks) = (shutdown.clone(), shutdown.clone());
    let mail =
        supervise("send_mail", shutdown.clone(), move || mail_queue::run(Arc::clone(&for_mail), stop_mail.clone()));
    let webhooks = supervise("deliver_webhooks", shutdown, move || {
        webhook_queue::run(Arc::clone(&for_webhooks), stop_webhooks.clone())
    });
    tokio::join!(chores, mail, webhooks);
}

/// Runs each due chore once, indexes some words, and sends what is due. Returns when all of it is finished.
pub async fn tick(vestibule: &Arc<Vestibule>) -> Result<RoundProgress> {
    let mut done = 0;
    for chore in Chore::DUE.into_iter().chain([Chore::Index]) {
        done += chore.once(vestibule).await?;
    }
    done += mail_queue::drain(vestibule).await? + webhook_queue::drain(vestibule).await?;
    Ok(if done > 0 { RoundProgress::Some } else { RoundProgress::None })
}

/// Removes everything that is older than its retention, and returns how many rows.
pub async fn prune(vestibule: &Vestibule) -> Result<u64> {
    let mut removed = 0;
    loop {
        let mut round = 0;
        for chore in [Chore::Prune, Chore::Retain] {
            round += chore.once(vestibule).await?;
        }
        match round {
            0 => return Ok(removed),
            round => removed += round,
        }
    }
}

/// The sum of several pieces of work, each in a transaction of its own, where a failure does not stop the others.
#[derive(Default)]
struct Done {
    count: u64,
    failed: Option<Error>,
}

impl Done {
    fn note(&mut self, done: Result<impl Into<u64>>) {
        match done {
            Ok(done) => self.count += done.into(),
            Err(error) => self.failed = Some(self.failed.take().unwrap_or(error)),
        }
    }

    /// Returns the first failure, or the count if there was none.
    fn into_result(self) -> Result<u64> {
        self.failed.map_or(Ok(self.count), Err)
    }
}

/// Logs a failed round; the next one tries again.
fn log_failure<T>(chore: &'static str, result: std::result::Result<T, &Error>) {
    if let Err(error) = result {
        tracing::error!(chore, error = error as &dyn std::error::Error, "a chore failed");
    }
}
