//! The notice that what is shown may be old. The page keeps it in its `<template id="stale">`.

use crate::dom;
use leptos::wasm_bindgen::JsCast;
use vestibule_functions::FunctionError;
use web_sys::{Element, HtmlTemplateElement};

const NOTICE: &str = "data-stale";

/// Shows or removes the notice.
pub fn say(is_stale: bool) {
    let shown = dom::find::<Element>(&format!("[{NOTICE}]"));
    if let Some(notice) = shown.as_ref().filter(|_| !is_stale) {
        notice.remove();
    }
    let template = dom::find::<HtmlTemplateElement>("#stale").filter(|_| is_stale && shown.is_none());
    let notice = template.and_then(|template| template.content().first_element_child());
    let copy = notice.and_then(|notice| notice.clone_node_with_deep(true).ok()?.dyn_into::<Element>().ok());
    let (Some(copy), Some(content)) = (copy, dom::find::<Element>(".page__content")) else { return };
    let _ = copy.set_attribute(NOTICE, "");
    let _ = content.before_with_node_1(&copy);
}

/// Shows the notice with the reason for which the server refused.
pub fn refused(error: &FunctionError) {
    say(true);
    // the notice itself is about those who are signed out, and about servers that don't answer
    if error.is_signed_out() || error.is_unreachable() {
        return;
    }
    for (part, words) in [("p", &error.title), ("p + p", &error.sentence)] {
        if let Some(part) = dom::find::<Element>(&format!("[{NOTICE}] {part}")) {
            part.set_text_content(Some(words));
        }
    }
}
