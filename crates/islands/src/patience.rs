//! How long people wait without a word.

use std::time::Duration;

/// The time after which work that goes on is mentioned.
pub const PATIENCE: Duration = Duration::from_millis(400);
