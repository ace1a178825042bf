//! Rate limits: taken before the work and in one step, given back where it turned out well, and nobody uses up
//! another's.

mod codes;
mod emails;
mod invitations;
mod sign_in;

use std::net::IpAddr;
use std::time::Duration;
use vestibule_core::service::{Error, Result};
use vestibule_domain::RateLimit;

/// A client that no other test speaks of.
fn client(n: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, n])
}

/// Which limit refused it, and for how long; none if it was not a limit.
fn limit_of<T>(result: &Result<T>) -> Option<(RateLimit, Duration)> {
    match result {
        Err(Error::RateLimited(exceeded)) => Some((exceeded.limit, exceeded.retry_after)),
        _ => None,
    }
}

/// A wait as an instant is moved on by.
fn chrono(wait: Duration) -> chrono::Duration {
    chrono::Duration::from_std(wait).unwrap()
}
