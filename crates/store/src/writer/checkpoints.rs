//! When what is in the log goes into the database's file. SQLite itself would do it within a commit, a thousand pages at a
//! time, and whoever writes then would wait for it.

use crate::direct::{DirectConnection, DirectOptions, pages_in_log};
use sqlx::Error;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// After how many more pages the log is copied again: as many as SQLite would wait for.
const EACH: u32 = 1_000;
/// The pages from which on it is copied in the turn of a write, so that it can't grow faster than it is copied.
const MOST: u32 = 4_000;

/// The log is copied by a connection beside those who write. What has been written meanwhile is copied in the turn of the
/// next write, which is little, and then the log begins again.
pub(super) struct Checkpoints {
    options: DirectOptions,
    beside: Arc<Mutex<Beside>>,
    has_copied: Arc<AtomicBool>,
    /// The pages in the log after the last commit.
    pages: u32,
    /// From how many pages on they are copied next.
    next: u32,
}

/// The connection that copies, from the first time on.
#[derive(Default)]
struct Beside {
    connection: Option<DirectConnection>,
    is_closed: bool,
}

impl Checkpoints {
    pub fn of(options: DirectOptions) -> Self {
        Self { options, beside: Arc::default(), has_copied: Arc::default(), pages: 0, next: EACH }
    }

    /// Is called in the thread and the turn of a commit, after it, with its connection.
    pub fn committed(&mut self, writer: &mut DirectConnection) {
        let Some(pages) = pages_in_log() else { return };
        if pages < self.pages {
            self.next = EACH;
        }
        self.pages = pages;
        let is_next = pages >= self.next;
        if is_next {
            self.next = pages + EACH;
        }
        if self.has_copied.swap(false, Ordering::Relaxed) {
            told(writer.checkpoint());
        } else if is_next && pages >= MOST {
            // only one may copy at a time
            let _beside = lock(&self.beside);
            told(writer.checkpoint());
        } else if is_next {
            self.copy_beside();
        }
    }

    fn copy_beside(&self) {
        let (options, beside) = (self.options.clone(), Arc::clone(&self.beside));
        let has_copied = Arc::clone(&self.has_copied);
        tokio::task::spawn_blocking(move || {
            let mut beside = lock(&beside);
            if !beside.is_closed && told(beside.copy(&options)) {
                has_copied.store(true, Ordering::Relaxed);
            }
        });
    }

    /// Waits until nothing is copied any more, and closes the connection that copies.
    pub fn close(&self) {
        let mut beside = lock(&self.beside);
        beside.is_closed = true;
        beside.connection = None;
    }
}

impl Beside {
    fn copy(&mut self, options: &DirectOptions) -> Result<(), Error> {
        if self.connection.is_none() {
            self.connection = Some(options.open()?);
        }
        self.connection.as_mut().map_or(Ok(()), DirectConnection::checkpoint)
    }
}

fn lock(beside: &Mutex<Beside>) -> MutexGuard<'_, Beside> {
    beside.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns whether it has succeeded. If not, nothing is lost: everything is in the log still, and is copied later.
fn told(copied: Result<(), Error>) -> bool {
    if let Err(error) = &copied {
        tracing::warn!(%error, "the write-ahead log could not be copied into the database's file and grows");
    }
    copied.is_ok()
}
