//! The form above a list (`role="search"`): the list follows what a person types and selects. The URL follows too, so
//! that the back button leads through the earlier searches.

use super::{dom, refresh};
use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};
use std::{cell::Cell, time::Duration};
use vestibule_islands::{NAVIGATED, filters};
use wasm_bindgen::JsValue;
use web_sys::{Event, EventInit, FormData, HtmlFormElement, HtmlInputElement, UrlSearchParams};

/// The pause after which typing counts as finished: long enough for a word, too short to notice.
const SETTLED: Duration = Duration::from_millis(220);
const FORM: &str = "form[role=search]";
/// Marks the history entry that typing created, which further typing replaces.
const TYPED: &str = "typed";

thread_local! {
    static WAITING: Cell<Option<TimeoutHandle>> = const { Cell::new(None) };
}

pub fn attach() {
    dom::on("input", |event: Event| {
        if let (Some(form), true) = (form(&event), is_typed(&event)) {
            stop_waiting();
            WAITING.set(set_timeout_with_handle(move || go(&form, true), SETTLED).ok());
        }
    });
    dom::on("change", |event: Event| {
        if let Some(form) = form(&event) {
            go(&form, is_typed(&event));
        }
    });
    dom::on("submit", |event: Event| {
        if let Some(form) = form(&event) {
            event.prevent_default();
            go(&form, true);
        }
    });
    dom::listen(&dom::window(), "popstate", |_: Event| {
        filters::fill();
        show();
    });
}

fn form(event: &Event) -> Option<HtmlFormElement> {
    dom::target(event, FORM)
}

fn is_typed(event: &Event) -> bool {
    dom::target::<HtmlInputElement>(event, "input[type=search]").is_some()
}

fn stop_waiting() {
    if let Some(waiting) = WAITING.take() {
        waiting.clear();
    }
}

/// Loads the list that the form describes.
fn go(form: &HtmlFormElement, is_typed: bool) {
    stop_waiting();
    let location = dom::window().location();
    let (Ok(path), Ok(shown), Some(query)) = (location.pathname(), location.search(), query(form)) else { return };
    if query == asked(&shown) {
        return;
    }
    let address = if query.is_empty() { path } else { format!("{path}?{query}") };
    let Ok(history) = dom::window().history() else { return };
    let mark = if is_typed { JsValue::from_str(TYPED) } else { JsValue::NULL };
    let _ = match is_typed && history.state().is_ok_and(|state| state == mark) {
        true => history.replace_state_with_url(&mark, "", Some(&address)),
        false => history.push_state_with_url(&mark, "", Some(&address)),
    };
    show();
}

/// Shows what the URL says: an island does, or the page is refreshed.
fn show() {
    let cancelable = EventInit::new();
    cancelable.set_cancelable(true);
    let event = Event::new_with_event_init_dict(NAVIGATED, &cancelable);
    if event.is_ok_and(|event| dom::window().dispatch_event(&event).unwrap_or(true)) {
        refresh::now();
    }
}

/// Returns the form's content as a query string without empty fields.
fn query(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let query = String::from(UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string());
    Some(without_empty(&query))
}

/// Returns the URL's query string in the same form, without the position in the list.
fn asked(search: &str) -> String {
    let Ok(asked) = UrlSearchParams::new_with_str(search) else { return String::new() };
    for place in ["cursor", "after"] {
        asked.delete(place);
    }
    without_empty(&String::from(asked.to_string()))
}

fn without_empty(query: &str) -> String {
    query.split('&').filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("&")
}
