//! Shorthands for common operations on the document.

pub use leptos::prelude::{document, window};
use leptos::wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Document, Element, Event, EventTarget, FormData, HtmlElement, HtmlFormElement, UrlSearchParams};

/// Listens on the document for the lifetime of the page, so that refreshed elements need no new listeners.
pub fn on<E: JsCast>(name: &str, listener: impl FnMut(E) + 'static) {
    listen(&document(), name, listener);
}

pub fn listen<E: JsCast>(target: &EventTarget, name: &str, mut listener: impl FnMut(E) + 'static) {
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| listener(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Returns the event's target, or its nearest ancestor that matches.
pub fn target<T: JsCast>(event: &Event, selector: &str) -> Option<T> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()??.dyn_into().ok()
}

/// Returns the first matching element of the page.
pub fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Returns all matching elements of the page.
pub fn all<T: JsCast>(selector: &str) -> Vec<T> {
    all_in(&document(), selector)
}

/// Returns all matching elements of a document, which may be one that was just fetched.
pub fn all_in<T: JsCast>(document: &Document, selector: &str) -> Vec<T> {
    let Ok(found) = document.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// Enables buttons that only work with scripts.
pub fn enable(selector: &str) {
    for button in all::<HtmlElement>(selector) {
        let _ = button.remove_attribute("disabled");
    }
}

/// Sets the text only if it differs, so that nothing is read aloud twice.
pub fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Returns what the form holds, as it would be posted.
pub fn posted(form: &HtmlFormElement) -> String {
    let data = FormData::new_with_form(form).ok();
    let pairs = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data).ok());
    pairs.map(|pairs| pairs.to_string().into()).unwrap_or_default()
}
