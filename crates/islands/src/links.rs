//! Links that scripts follow instead of the browser.

use leptos::{ev::MouseEvent, wasm_bindgen::JsCast, web_sys::Element};

/// Returns the link that is clicked, if it matches this selector and is to open in place, not in another tab.
pub fn clicked(click: &MouseEvent, links: &str) -> Option<Element> {
    let is_plain = !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key());
    let link = click.target()?.dyn_into::<Element>().ok()?.closest(links).ok()??;
    is_plain.then_some(link)
}
