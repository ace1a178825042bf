//! Menus close on a click outside of them, and on Escape.

use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDetailsElement, HtmlElement, KeyboardEvent, Node};

const OPEN: &str = "details.menu[open]";

pub fn attach() {
    dom::on("click", |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        for menu in dom::all::<HtmlDetailsElement>(OPEN) {
            if !menu.contains(target.as_ref()) {
                menu.set_open(false);
            }
        }
    });
    dom::on("keydown", |event: KeyboardEvent| {
        if event.key() == "Escape" {
            dom::all::<HtmlDetailsElement>(OPEN).iter().for_each(shut);
        }
    });
}

/// Closes a menu, and returns the focus to the element that opened it.
fn shut(menu: &HtmlDetailsElement) {
    let summary = menu.query_selector("summary").ok().flatten().and_then(|summary: Element| summary.dyn_into().ok());
    if let Some(summary) = summary.filter(|_| menu.contains(dom::document().active_element().as_deref())) {
        let _ = HtmlElement::focus(&summary);
    }
    menu.set_open(false);
}
