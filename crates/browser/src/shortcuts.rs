//! Keyboard shortcuts, as `layout/shortcuts.rs` lists them: `data-key` marks the element that a letter activates,
//! `data-go` the pages that `g` leads to, `data-send` the forms that Ctrl and Enter submit.

use super::dom;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent, Storage,
};

/// The key in local storage under which the browser remembers whether single letters are off.
const KEPT: &str = "vestibule-keys";

thread_local! {
    /// Whether the previous key was `g`, which starts a sequence that opens a page.
    static IS_GOING: Cell<bool> = const { Cell::new(false) };
}

pub fn attach() {
    if let Some(on) = dom::find::<HtmlInputElement>("#keys-on") {
        on.set_checked(is_on());
    }
    dom::on("change", |event: Event| {
        if let (Some(on), Some(store)) = (dom::target::<HtmlInputElement>(&event, "#keys-on"), store()) {
            let _ = store.set_item(KEPT, if on.checked() { "on" } else { "off" });
        }
    });
    dom::on("click", |event: Event| {
        if let Some(button) = dom::target::<HtmlElement>(&event, "[data-opens]") {
            open(&button.get_attribute("data-opens").unwrap_or_default());
        }
    });
    dom::on("keydown", |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            send();
        } else if is_on() && !is_typing(&event) && press(&event.key()) {
            event.prevent_default();
        }
    });
}

/// Checks whether single letters are on, as they are when nothing is stored or storage is blocked.
fn is_on() -> bool {
    store().and_then(|store| store.get_item(KEPT).ok().flatten()).is_none_or(|kept| kept != "off")
}

fn store() -> Option<Storage> {
    dom::window().local_storage().ok().flatten()
}

/// Opens the dialog with this id.
fn open(id: &str) {
    if let Some(dialog) = dom::find::<HtmlDialogElement>(&format!("#{id}")).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Checks whether the key types a character, or belongs to the browser.
fn is_typing(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return true;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    if target.closest("dialog[open]").is_ok_and(|dialog| dialog.is_some()) {
        return true;
    }
    match target.tag_name().as_str() {
        "INPUT" => target.dyn_into::<HtmlInputElement>().is_ok_and(|input| input.type_() != "checkbox"),
        "TEXTAREA" | "SELECT" => true,
        _ => false,
    }
}

/// Does what the key stands for. Returns whether there was anything to do.
fn press(key: &str) -> bool {
    let is_going = IS_GOING.replace(key == "g");
    match key {
        "g" => true,
        "a" | "i" | "m" | "o" | "s" if is_going => click(&format!("[data-go={key}]")),
        "/" => dom::find::<HtmlElement>("input[type=search]").is_some_and(|search| search.focus().is_ok()),
        "?" => {
            open("keys");
            true
        }
        "j" => step(1),
        "k" => step(-1),
        "x" => row_of_focus().is_some_and(|row| click_in(&row, "input[type=checkbox]")),
        "e" | "i" | "r" | "u" | "z" => click(&format!("[data-key={key}]")),
        _ => false,
    }
}

/// Follows a link or submits a form.
fn click(selector: &str) -> bool {
    let Some(element) = dom::find::<HtmlElement>(selector) else { return false };
    match element.dyn_into::<HtmlFormElement>() {
        Ok(form) => form.request_submit().is_ok(),
        Err(element) => {
            element.click();
            true
        }
    }
}

fn click_in(row: &Element, selector: &str) -> bool {
    let found = row.query_selector(selector).ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|element| {
        element.click();
        true
    })
}

fn row_of_focus() -> Option<Element> {
    dom::document().active_element()?.closest("tbody tr").ok().flatten()
}

/// Moves the focus to the link in the next or the previous row.
fn step(by: i32) -> bool {
    let Ok(rows) = dom::document().query_selector_all("tbody tr") else { return false };
    let (count, here) = (rows.length(), row_of_focus());
    let at = |index: u32| rows.item(index).and_then(|node| node.dyn_into::<Element>().ok());
    let now = (0..count).find(|index| here.is_some() && at(*index) == here);
    let next = match now {
        Some(now) => now.saturating_add_signed(by).min(count.saturating_sub(1)),
        None => 0,
    };
    let link = at(next).and_then(|row| row.query_selector("a").ok().flatten());
    link.and_then(|link| link.dyn_into::<HtmlElement>().ok()).is_some_and(|link| link.focus().is_ok())
}

/// Submits the form that has the focus, if it is one with a page of its own.
fn send() {
    let form = dom::document().active_element().and_then(|element| element.closest("form[data-send]").ok().flatten());
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        let _ = form.request_submit();
    }
}
