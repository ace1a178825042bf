//! The parts of pages that run both on the server and in the browser: islands, and the words that both write. This
//! crate is compiled for both.

pub mod acts;
pub mod characters_left;
pub mod choice_grid;
pub mod dom;
pub mod filters;
pub mod invitation_list;
mod links;
pub mod morph;
pub mod palette;
mod patience;
pub mod preview;
pub mod problem;
pub mod progress;
pub mod recipients;
pub mod stale;
mod turns;
mod typed;

pub use patience::PATIENCE;
use vestibule_components::{Address, Glyph, Icon, grouped, plural};

/// The header that scripts send when they refresh a page that is already open.
pub const REFRESH: &str = "x-vestibule-refresh";
/// The value of that header if only the frame around the page is asked for, because an island has the content.
pub const FRAME_ONLY: &str = "frame";
/// The event of the window that says that something has changed, so that what is shown is read again.
pub const CHANGED: &str = "vestibule-changed";
/// The event of the window that says that the page's URL has another query. The island that has the content cancels it,
/// and reads what the URL says.
pub const NAVIGATED: &str = "vestibule-navigated";
/// The event of the window that says that an island shows something else, with times in UTC.
pub const SHOWN: &str = "vestibule-shown";
/// The event of the feed that contains a sentence to show; all others only say that something has changed.
pub const SAID: &str = "said";

/// Tells the window's listeners of one of the events above.
pub fn announce(name: &str) {
    if let Ok(event) = leptos::web_sys::Event::new(name) {
        _ = leptos::prelude::window().dispatch_event(&event);
    }
}
