//! Leases: who may send a row, and until when nobody else may.

use chrono::Duration;
use uuid::Uuid;
use vestibule_domain::Instant;

/// What a worker asks for when it takes rows. When the time is over, others may take them, but never the same holder: it
/// knows what it still has in its hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub by: Uuid,
    pub now: Instant,
    pub until: Instant,
}

impl Lease {
    /// A name that nobody else holds leases by.
    pub fn new_holder() -> Uuid {
        Uuid::from_u128(rand::random())
    }

    /// From now on, for so long.
    pub fn begin(by: Uuid, now: Instant, time: Duration) -> Self {
        Self { by, now, until: now + time }
    }
}
