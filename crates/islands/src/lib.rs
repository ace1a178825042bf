//! The parts of pages that run both on the server and in the browser: islands, and the words that both write. This
//! crate is compiled for both.

pub mod acts;
pub mod address;
pub mod characters_left;
pub mod icon;
pub mod problem;
pub mod progress;
pub mod recipients;
mod typed;
pub mod when;

pub use address::Address;
pub use icon::{Glyph, Icon};
pub use vestibule_domain::number::{grouped, plural};
pub use when::{TimeLeft, When, WhenStyle};

/// The header that scripts send when they refresh a page that is already open.
pub const REFRESH: &str = "x-vestibule-refresh";
/// The event of the document that says that an island has changed something, so that the page refreshes.
pub const CHANGED: &str = "vestibule-changed";
/// The event of the document that says that an island has started a job.
pub const JOBS: &str = "vestibule-jobs";
/// The event of the feed that contains a sentence to show; all others only say that something has changed.
pub const SAID: &str = "said";
