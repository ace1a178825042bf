//! How long statements may hold up the thread that polls them, which has other tasks.
//!
//! Most take some microseconds. To leave the thread to another one takes longer than that, and is worth it only for what
//! is slow: a statement that goes through many rows, and what follows when somebody has used up their time.

use rusqlite::{Connection, ErrorCode};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::runtime::{Handle, RuntimeFlavor};

/// The steps of SQLite's machine after which a statement that reads is interrupted, to be run again elsewhere: at least
/// so many, and at most twice as many.
const STEPS: i32 = 50_000;

/// Runs something that may take long. On a runtime with several threads, another one does this one's work meanwhile.
pub fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// How many statements may leave the thread at once only because somebody has used up their time. On a busy machine
/// that is nearly everybody, and each takes a thread more, with the memory that goes with it.
const LEAVES: usize = 4;

/// The leaves that are taken.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// One of [`LEAVES`], until it is dropped.
pub struct Leave(());

impl Leave {
    /// Returns a leave, or `None` if all are taken.
    pub fn take() -> Option<Self> {
        let leave = Self(());
        (TAKEN.fetch_add(1, Relaxed) < LEAVES).then_some(leave)
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Relaxed);
    }
}

/// Checks whether a statement was interrupted.
pub fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// What a connection may still do in the thread that polls it.
pub struct Pace {
    /// From when on everything leaves the thread to others.
    until: Instant,
    watch: Arc<Watch>,
}

/// Interrupts a statement while it is on.
#[derive(Default)]
struct Watch {
    is_on: AtomicBool,
    /// How many times SQLite has asked. It counts the steps of a statement over all its runs, so that the first time
    /// may come early in this one.
    asked: AtomicU32,
}

impl Pace {
    /// Watches this connection. Until somebody is given it, nothing holds up the thread.
    pub fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let watch = Arc::new(Watch::default());
        let asked = Arc::clone(&watch);
        connection.progress_handler(STEPS, Some(move || asked.is_over()))?;
        Ok(Self { until: Instant::now(), watch })
    }

    /// Starts the time anew.
    pub fn begin(&mut self, time: Duration) {
        self.until = Instant::now() + time;
    }

    /// Checks whether the time is used up.
    pub fn is_used_up(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Sets whether a long statement is interrupted.
    pub fn watch(&self, is_on: bool) {
        self.watch.asked.store(0, Relaxed);
        self.watch.is_on.store(is_on, Relaxed);
    }
}

impl Watch {
    fn is_over(&self) -> bool {
        self.is_on.load(Relaxed) && self.asked.fetch_add(1, Relaxed) > 0
    }
}
