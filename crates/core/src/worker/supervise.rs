//! Supervision: tasks run side by side, and one that panics is started again without affecting the others.

use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use vestibule_telemetry::metrics;

/// The pause before a task that has panicked is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs the task that `begin` creates until it returns, which it does when `stop` turns true. Dropping the future ends
/// the task.
pub async fn supervise<F>(chore: &'static str, mut stop: watch::Receiver<bool>, begin: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let mut task = JoinSet::new();
        task.spawn(begin());
        let Some(Err(error)) = task.join_next().await else { return };
        metrics::chore_ran(chore, Duration::ZERO, false);
        tracing::error!(chore, error = &error as &dyn std::error::Error, "A chore panicked and is started again");
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// Waits until `stop` has turned true or its sender is gone.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    _ = stop.wait_for(|stop| *stop).await;
}

/// Checks whether the task should continue.
pub fn goes_on(stop: &watch::Receiver<bool>) -> bool {
    !*stop.borrow() && stop.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_begins_again() {
        let (stop, stopping) = watch::channel(false);
        let begun = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&begun);
        let supervised = supervise("test", stopping.clone(), move || {
            let (count, mut stopping) = (Arc::clone(&count), stopping.clone());
            async move {
                assert!(count.fetch_add(1, Ordering::Relaxed) >= 2, "two panics");
                stopped(&mut stopping).await;
            }
        });
        let watch = async {
            while begun.load(Ordering::Relaxed) < 3 {
                tokio::time::sleep(PAUSE).await;
            }
            stop.send_replace(true);
        };
        tokio::join!(supervised, watch);
        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }
}
