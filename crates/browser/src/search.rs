//! The form above a list (`role="search"`): the list follows as one types and chooses. The address follows too, so that
//! the way back leads through what was searched for.

use super::{dom, refresh};
use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::JsValue;
use web_sys::{Document, Event, FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement, UrlSearchParams};

/// Long enough to finish a word, short enough not to be noticed.
const SETTLED: Duration = Duration::from_millis(220);
const FORM: &str = "form[role=search]";
/// Marks the place in the history that typing made: more typing changes that one.
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
    dom::listen(&dom::window(), "popstate", |_: Event| refresh::now(fill));
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

/// Asks for what the form says, in place of what is shown.
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
    refresh::now(|_| ());
}

/// What the form holds as a query, without what is empty.
fn query(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let query = String::from(UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string());
    Some(without_empty(&query))
}

/// What the address asks for, written as a form writes it; another page of the list is not part of it.
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

/// The fields say what was searched for then.
fn fill(read: &Document) {
    for field in dom::all::<HtmlInputElement>("form[role=search] input") {
        field.set_value(&field.default_value());
    }
    for field in dom::all::<HtmlSelectElement>("form[role=search] select") {
        let chosen = read.query_selector(&format!("form[role=search] #{} option[selected]", field.id())).ok().flatten();
        field.set_value(&chosen.and_then(|option| option.get_attribute("value")).unwrap_or_default());
    }
}
