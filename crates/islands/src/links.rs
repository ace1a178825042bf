//! Links that scripts follow instead of the browser.

use leptos::{ev::MouseEvent, wasm_bindgen::JsCast, web_sys::Element};

/// Returns the link that was clicked.
pub fn link(click: &MouseEvent) -> Option<Element> {
    click.target()?.dyn_into::<Element>().ok()?.closest("a").ok()?
}

/// Checks whether the link opens here: with a key, it opens in another tab.
pub fn is_plain(click: &MouseEvent) -> bool {
    !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}
