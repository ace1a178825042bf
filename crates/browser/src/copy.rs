//! Copies the value of a field, or a text: a button's `data-copies` is the id of the element to copy.

use super::{dom, toast};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlInputElement};

pub fn attach() {
    dom::on("click", |event: Event| {
        let Some(button) = dom::target::<HtmlElement>(&event, "[data-copies]") else { return };
        let id = button.get_attribute("data-copies").unwrap_or_default();
        let Some(source) = dom::find::<HtmlElement>(&format!("#{id}")) else { return };
        let clipboard = dom::window().navigator().clipboard();
        // browsers offer no clipboard to pages over plain http
        if clipboard.is_undefined() {
            return leave_to_hand(&source);
        }
        let copied = clipboard.write_text(&text_of(&source));
        wasm_bindgen_futures::spawn_local(async move {
            match wasm_bindgen_futures::JsFuture::from(copied).await {
                Ok(_) => toast::say("Copied."),
                Err(_) => leave_to_hand(&source),
            }
        });
    });
}

fn text_of(source: &HtmlElement) -> String {
    let field = source.dyn_ref::<HtmlInputElement>();
    field.map_or_else(|| source.text_content().unwrap_or_default(), HtmlInputElement::value)
}

/// Selects the text for copying by hand, where the browser does not let scripts copy.
fn leave_to_hand(source: &HtmlElement) {
    match source.dyn_ref::<HtmlInputElement>() {
        Some(field) => field.select(),
        None => drop(source.focus()),
    }
}
