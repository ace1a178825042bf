//! Background work. The database is its only memory: kill the process at any point, and another goes on.

mod expire;
mod prune;
mod remind;
mod send_mail;

use crate::service::{Result, Vestibule};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// How often due work is looked for when nothing tells of any: mails whose next try has come, ended invitations.
const POLL: Duration = Duration::from_secs(5);
/// How often old rows are removed.
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Whether there may be more to do at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Some,
    None,
}

/// Works until `shutdown` turns true; a mail that is being sent is finished first.
pub async fn run(vestibule: Arc<Vestibule>, mut shutdown: watch::Receiver<bool>) {
    let mut next_prune = tokio::time::Instant::now();
    while !*shutdown.borrow() {
        work(&vestibule).await;
        if tokio::time::Instant::now() >= next_prune {
            log_failure("prune", prune::prune(&vestibule).await);
            next_prune = tokio::time::Instant::now() + PRUNE_EVERY;
        }
        tokio::select! {
            () = vestibule.woken() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = shutdown.changed() => {}
        }
    }
}

/// Runs each chore once.
pub async fn tick(vestibule: &Vestibule) -> Result<Progress> {
    let expired = expire::expire(vestibule).await?;
    let reminded = remind::remind(vestibule).await?;
    let sent = send_mail::send_mail(vestibule).await?;
    Ok(if expired + reminded + sent > 0 { Progress::Some } else { Progress::None })
}

/// Removes what is older than its keeping time; says how many rows.
pub async fn prune(vestibule: &Vestibule) -> Result<u64> {
    prune::prune(vestibule).await
}

async fn work(vestibule: &Vestibule) {
    loop {
        match tick(vestibule).await {
            Ok(Progress::Some) => {}
            Ok(Progress::None) => return,
            failed => return log_failure("tick", failed),
        }
    }
}

/// The next round tries again.
fn log_failure<T>(chore: &'static str, result: Result<T>) {
    if let Err(error) = result {
        tracing::error!(chore, error = &error as &dyn std::error::Error, "a chore failed");
    }
}
