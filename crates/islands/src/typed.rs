//! Follows what a person types in a text box of the page. On the server nothing is typed.

use leptos::{prelude::*, wasm_bindgen::JsCast};
use std::time::Duration;
use web_sys::HtmlTextAreaElement;

/// Follows the text box with this id, from the moment scripts run: the browser may have kept text that was typed
/// before.
pub fn typed_in(id: &'static str) -> RwSignal<String> {
    let typed = RwSignal::new(String::new());
    Effect::new(move || {
        let Some(text_box) = text_box(id) else { return };
        typed.set(text_box.value());
        let listener = window_event_listener(leptos::ev::input, move |_| {
            let now = text_box.value();
            if now != *typed.read_untracked() {
                typed.set(now);
            }
        });
        on_cleanup(move || listener.remove());
    });
    typed
}

/// Returns `text` once nothing has been typed for this time. What was typed before scripts ran counts too.
pub fn settled(text: RwSignal<String>, pause: Duration) -> RwSignal<String> {
    let settled = RwSignal::new(String::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let now = text.get();
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(move || settled.set(now), pause).ok());
    });
    settled
}

/// Replaces what is in the text box with this id, as if it had been typed.
pub fn retype(id: &str, text: &str) {
    if let (Some(text_box), Ok(event)) = (text_box(id), leptos::web_sys::Event::new("input")) {
        text_box.set_value(text);
        // the listener is at the window
        _ = window().dispatch_event(&event);
    }
}

fn text_box(id: &str) -> Option<HtmlTextAreaElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
