//! Background work. The database is its only memory: kill the process at any point, and another goes on.

mod cut;
mod deliver_webhooks;
mod erase;
mod expire;
mod prune;
mod remind;
mod retention;
mod send_mail;

use crate::service::{Error, Result, Vestibule};
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

/// Works until `shutdown` turns true; what is being sent is finished first. Webhooks go their own way: a slow endpoint
/// holds up no mail.
pub async fn run(vestibule: Arc<Vestibule>, shutdown: watch::Receiver<bool>) {
    let webhooks = deliver_webhooks::run(Arc::clone(&vestibule), shutdown.clone());
    tokio::join!(run_chores(&vestibule, shutdown), webhooks);
}

async fn run_chores(vestibule: &Vestibule, mut shutdown: watch::Receiver<bool>) {
    let mut next_prune = tokio::time::Instant::now();
    while !*shutdown.borrow() {
        work(vestibule).await;
        if tokio::time::Instant::now() >= next_prune {
            log_failure("prune", prune::prune(vestibule).await.as_ref());
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
    let done = chores(vestibule).await? + deliver_webhooks::deliver_webhooks(vestibule).await?;
    Ok(if done > 0 { Progress::Some } else { Progress::None })
}

async fn chores(vestibule: &Vestibule) -> Result<u64> {
    let (expired, reminded) = (expire::expire(vestibule).await?, remind::remind(vestibule).await?);
    let (cut, recorded) = (cut::cut(vestibule).await?, vestibule.record_failed_sign_ins().await?);
    let erased = erase::erase(vestibule).await?;
    Ok(expired + reminded + cut + recorded + erased + send_mail::send_mail(vestibule).await?)
}

/// Removes what is older than its keeping time; says how many rows.
pub async fn prune(vestibule: &Vestibule) -> Result<u64> {
    prune::prune(vestibule).await
}

async fn work(vestibule: &Vestibule) {
    loop {
        match chores(vestibule).await {
            Ok(0) => return,
            Ok(_) => {}
            failed => return log_failure("chores", failed.as_ref()),
        }
    }
}

/// The next round tries again.
fn log_failure<T>(chore: &'static str, result: std::result::Result<T, &Error>) {
    if let Err(error) = result {
        tracing::error!(chore, error = error as &dyn std::error::Error, "a chore failed");
    }
}
