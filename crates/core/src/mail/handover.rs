//! The progress of an attempt to send, for a caller that may stop waiting for it.

use std::sync::atomic::{AtomicBool, Ordering};

/// The state of an attempt to send. Before the mail itself is handed over, an attempt can be abandoned without sending
/// anything twice. After that, only the server's answer tells what happened.
#[derive(Debug, Default)]
pub struct Handover {
    has_begun: AtomicBool,
    is_answered: AtomicBool,
}

impl Handover {
    /// Notes that the first byte of the mail itself is about to be sent.
    pub(super) fn begins(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
    }

    /// Notes that the server has answered whether it accepts the mail.
    pub(super) fn is_answered(&self) {
        self.is_answered.store(true, Ordering::Relaxed);
    }

    /// Checks whether sending the mail itself has begun, so that it may arrive even if the attempt is stopped.
    pub fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// Checks whether the server may have accepted the mail although no answer arrived.
    pub fn is_uncertain(&self) -> bool {
        self.has_begun() && !self.is_answered.load(Ordering::Relaxed)
    }
}
