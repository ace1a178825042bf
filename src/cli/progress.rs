//! How far a long piece of work is, and what stops it.

use super::Failed;
use super::signals::Signals;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two words of how far it is; what is done in less says nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far it is, on one line of a terminal; nothing for a file, and nothing for what is done at once.
pub struct Progress {
    /// Whether somebody watches.
    pub shows: bool,
    said: bool,
    since: Instant,
}

impl Progress {
    /// Says nothing for the first second.
    pub fn new() -> Self {
        Self { shows: std::io::stderr().is_terminal(), said: false, since: Instant::now() }
    }

    /// Says it in the place of what was said before, once a second at most.
    pub fn tell(&mut self, words: impl FnOnce() -> String) {
        if self.shows && self.since.elapsed() >= PATIENCE {
            (self.said, self.since) = (true, Instant::now());
            _ = write!(std::io::stderr(), "\r\x1b[K{}", words());
        }
    }

    /// Leaves the line empty.
    pub fn clear(&self) {
        if self.said {
            // back to the start of the line, and all of it away
            _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// A signal has stopped it before its end.
#[derive(Debug, thiserror::Error)]
#[error("stopped before its end: all of it is there, or nothing. Run it again.")]
pub struct Stopped {
    /// The status that says so: 128 and the signal's number.
    pub status: i32,
}

/// Waits for work that writes a file and tells how long that is by now. A signal drops the work, which takes what it has
/// written with it.
pub async fn tend<T, E: Into<Failed>>(file: &Path, work: impl Future<Output = Result<T, E>>) -> Result<T, Failed> {
    let (mut progress, mut signals, begun) = (Progress::new(), Signals::new()?, Instant::now());
    let mut ticks = tokio::time::interval(PATIENCE);
    let mut work = std::pin::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done.map_err(Into::into),
            status = signals.next() => break Err(Stopped { status }.into()),
            _ = ticks.tick() => progress.tell(|| {
                let (bytes, seconds) = (std::fs::metadata(file).map_or(0, |file| file.len()), begun.elapsed().as_secs());
                format!("{}: {} MB, {seconds} s", file.display(), bytes / 1_000_000)
            }),
        }
    };
    progress.clear();
    done
}
