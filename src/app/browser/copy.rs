//! Copies the value of a field: `data-copies` on a button is the field's id.

use super::{dom, toast};
use web_sys::{Event, HtmlElement, HtmlInputElement};

pub fn attach() {
    dom::on("click", |event: Event| {
        let Some(button) = dom::target::<HtmlElement>(&event, "[data-copies]") else { return };
        let id = button.get_attribute("data-copies").unwrap_or_default();
        let Some(field) = dom::find::<HtmlInputElement>(&format!("#{id}")) else { return };
        let copied = dom::window().navigator().clipboard().write_text(&field.value());
        wasm_bindgen_futures::spawn_local(async move {
            match wasm_bindgen_futures::JsFuture::from(copied).await {
                Ok(_) => toast::say("Copied."),
                // then it is copied by hand
                Err(_) => field.select(),
            }
        });
    });
}
