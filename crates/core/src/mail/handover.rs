//! How far a try to send has come, for whoever may give up waiting for it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Before the mail itself is handed over, giving up repeats nothing. After that only the server's word tells.
#[derive(Debug, Default)]
pub struct Handover {
    has_begun: AtomicBool,
    is_answered: AtomicBool,
}

impl Handover {
    /// The first byte of the mail itself is about to be sent.
    pub(super) fn begins(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
    }

    /// The server has said whether it took the mail.
    pub(super) fn is_answered(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// Whether it is too late to stop without a trace.
    pub fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// Whether the server may have taken the mail without our hearing of it.
    pub fn is_uncertain(&self) -> bool {
        self.has_begun() && !self.is_answered.load(Ordering::Relaxed)
    }
}
