//! Leases: who may send a row, and until when nobody else may.

use chrono::Duration;
use uuid::Uuid;
use vestibule_domain::Instant;

/// What a worker asks for when it takes rows. When the lease has lapsed, other workers may take the rows, but not the
/// same one: it knows what it is still working on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub by: Uuid,
    pub now: Instant,
    pub until: Instant,
}

impl Lease {
    /// Returns an id under which nobody else holds leases.
    pub fn new_holder() -> Uuid {
        Uuid::from_u128(rand::random())
    }

    /// Returns a lease from now on, for this time.
    pub fn begin(by: Uuid, now: Instant, time: Duration) -> Self {
        Self { by, now, until: now + time }
    }
}
