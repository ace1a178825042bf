//! The progress of a long task, and the signals that stop it.

use super::CliError;
use super::signals::Signals;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// The time between two updates. A task that takes less shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows progress on one line of a terminal. Prints nothing to a file, and nothing for a short task.
pub struct ProgressLine {
    /// Whether standard error is a terminal.
    pub shows: bool,
    said: bool,
    since: Instant,
}

impl ProgressLine {
    /// Creates a progress line that stays silent for the first second.
    pub fn new() -> Self {
        Self { shows: std::io::stderr().is_terminal(), said: false, since: Instant::now() }
    }

    /// Replaces the previous text, at most once a second.
    pub fn show(&mut self, words: impl FnOnce() -> String) {
        if self.shows && self.since.elapsed() >= PATIENCE {
            (self.said, self.since) = (true, Instant::now());
            _ = write!(std::io::stderr(), "\r\x1b[K{}", words());
        }
    }

    /// Clears the line.
    pub fn clear(&self) {
        if self.said {
            // return to the start of the line and clear it
            _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// The error of a task that a signal has stopped.
#[derive(Debug, thiserror::Error)]
#[error("stopped by a signal. Either everything was written or nothing. Run the command again.")]
pub struct Stopped {
    /// The exit status for it: 128 and the signal's number.
    pub status: i32,
}

/// Runs a task that writes a file, and shows the file's size as progress. A signal drops the task, which then removes
/// what it has written.
pub async fn tend<T, E: Into<CliError>>(file: &Path, work: impl Future<Output = Result<T, E>>) -> Result<T, CliError> {
    let (mut progress, mut signals, begun) = (ProgressLine::new(), Signals::new()?, Instant::now());
    let mut ticks = tokio::time::interval(PATIENCE);
    let mut work = std::pin::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done.map_err(Into::into),
            status = signals.next() => break Err(Stopped { status }.into()),
            _ = ticks.tick() => progress.show(|| {
                let (bytes, seconds) = (std::fs::metadata(file).map_or(0, |file| file.len()), begun.elapsed().as_secs());
                format!("{}: {} MB, {seconds} s", file.display(), bytes / 1_000_000)
            }),
        }
    };
    progress.clear();
    done
}
