//! Questions of which only the latest counts.

use leptos::prelude::*;

/// The number of the latest question; answers to earlier ones are dropped.
#[derive(Clone, Copy)]
pub struct Turns(StoredValue<u32>);

impl Turns {
    pub fn new() -> Self {
        Self(StoredValue::new(0))
    }

    /// Begins the next one, and returns its number.
    pub fn next(self) -> u32 {
        self.0.update_value(|turn| *turn += 1);
        self.current()
    }

    pub fn current(self) -> u32 {
        self.0.get_value()
    }

    /// Checks whether this is still the latest one.
    pub fn is_current(self, turn: u32) -> bool {
        self.current() == turn
    }
}
