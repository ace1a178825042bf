//! What pages have on the server and in the browser alike: islands, which go on in the browser, and the words that both
//! say. Compiled for both.

pub mod number;
pub mod typed;
pub mod when;

pub use number::{grouped, plural};
pub use when::{TimeLeft, When, WhenStyle};

/// The header by which scripts say that they refresh a page which is open already.
pub const REFRESH: &str = "x-vestibule-refresh";
/// The event of the feed that holds a sentence to be said; all others only say that something has changed.
pub const SAID: &str = "said";
