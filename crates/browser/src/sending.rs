//! Submitted forms show that they are being sent, and are not sent twice. This is for forms with a button of
//! `component/submit.rs`.

use super::dom;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlFormElement, PageTransitionEvent, SubmitEvent};

pub fn attach() {
    dom::on("submit", |event: Event| {
        // a button that opens another tab or a frame sends nothing that could be sent twice
        let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
        if button.is_some_and(|button| button.has_attribute("formtarget")) {
            return;
        }
        let Some(form) = dom::target::<HtmlFormElement>(&event, "form") else { return };
        let Some(button) = form.query_selector("[data-sends]").ok().flatten() else { return };
        if button.has_attribute("aria-disabled") {
            event.prevent_default();
        } else if !event.default_prevented() {
            set_sending(&button, true);
        }
    });
    // somebody has returned to a page that the browser had kept in its present state
    dom::listen(&dom::window(), "pageshow", |event: PageTransitionEvent| {
        if event.persisted() {
            dom::all::<Element>("[data-sends]").iter().for_each(|button| set_sending(button, false));
        }
    });
}

fn set_sending(button: &Element, is_sending: bool) {
    let _ = match is_sending {
        true => button.set_attribute("aria-disabled", "true"),
        false => button.remove_attribute("aria-disabled"),
    };
    let (label, busy) = (button.first_element_child(), button.last_element_child());
    let (Some(label), Some(busy)) = (label, busy) else { return };
    if label != busy {
        let _ = label.toggle_attribute_with_force("hidden", is_sending);
        let _ = busy.toggle_attribute_with_force("hidden", !is_sending);
    }
}
