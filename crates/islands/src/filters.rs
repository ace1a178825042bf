//! The form above a list (`role="search"`), which says what its URL says.

use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlInputElement, HtmlSelectElement, UrlSearchParams},
};

/// Fills the form's fields with what the URL says.
pub fn fill() {
    let search = window().location().search().unwrap_or_default();
    let (Ok(query), Ok(fields)) =
        (UrlSearchParams::new_with_str(&search), document().query_selector_all("form[role=search] [name]"))
    else {
        return;
    };
    for field in (0..fields.length()).filter_map(|index| fields.item(index)?.dyn_into::<Element>().ok()) {
        let value = query.get(&field.get_attribute("name").unwrap_or_default()).unwrap_or_default();
        match field.dyn_into::<HtmlInputElement>() {
            Ok(input) => {
                // a form without scripts would send an empty one as well
                input.set_disabled(input.type_() == "hidden" && value.is_empty());
                input.set_value(&value);
            }
            Err(field) => {
                if let Ok(choice) = field.dyn_into::<HtmlSelectElement>() {
                    choice.set_value(&value);
                }
            }
        }
    }
}
