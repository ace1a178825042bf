//! Boxes to tick, of which there may be many: typing finds some by name, and those that are ticked stay in sight. The
//! server writes them (`crates/components/src/choices.rs`).

use crate::dom::{on, target};
use leptos::{prelude::*, wasm_bindgen::JsCast};
use std::cell::Cell;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

const GRID: &str = ".choice-grid";
const FIND: &str = "[data-finds]";

/// The boxes, as `children`.
#[island]
pub fn ChoiceGrid(children: Children) -> impl IntoView {
    Effect::new(listen);
    children()
}

/// Follows all boxes of the page, also those that are shown later. Listens once.
pub fn listen() {
    thread_local! {
        static IS_LISTENING: Cell<bool> = const { Cell::new(false) };
    }
    if IS_LISTENING.replace(true) {
        return;
    }
    on("input", |event: Event| {
        if let Some(grid) = target(&event, GRID) {
            show(&grid);
        }
    });
    // it would send the form
    on("keydown", |event: KeyboardEvent| {
        if event.key() == "Enter" && target::<Element>(&event, FIND).is_some() {
            event.prevent_default();
        }
    });
}

/// Hides the boxes that neither are ticked nor have what is typed in their name, and counts those that are ticked.
fn show(grid: &Element) {
    let typed = find::<HtmlInputElement>(grid, FIND).map(|find| folded(&find.value())).unwrap_or_default();
    let Ok(boxes) = grid.query_selector_all(".choice") else { return };
    let (mut ticked, mut found) = (0, 0);
    for at in 0..boxes.length() {
        let Some(label) = boxes.item(at).and_then(|label| label.dyn_into::<HtmlElement>().ok()) else { continue };
        let is_ticked = find::<HtmlInputElement>(&label, "input").is_some_and(|input| input.checked());
        let name = find::<Element>(&label, "span").and_then(|name| name.text_content()).unwrap_or_default();
        let is_found = folded(&name).contains(&typed);
        label.set_hidden(!is_ticked && !is_found);
        ticked += u32::from(is_ticked);
        found += u32::from(is_found);
    }
    if let Some(number) = find::<Element>(grid, "[data-ticked]") {
        crate::dom::set_text(&number, &crate::grouped(ticked.into()));
    }
    if let Some(none) = find::<HtmlElement>(grid, "[data-found-none]") {
        none.set_hidden(found > 0);
    }
}

fn find<T: JsCast>(within: &Element, selector: &str) -> Option<T> {
    within.query_selector(selector).ok()??.dyn_into().ok()
}

/// Returns the text without what a search ignores: capital letters, and blanks around it.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}
