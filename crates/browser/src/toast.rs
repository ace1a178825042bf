//! Toasts: short notices of what has happened, one at a time, which disappear after six seconds.

use super::dom;
use leptos::prelude::set_timeout;
use std::time::Duration;
use web_sys::Element;

const STAYS: Duration = Duration::from_secs(6);

/// Shows a toast, which replaces the one before, even if it has the same text.
pub fn say(text: &str) {
    let (Some(toasts), Ok(toast)) = (dom::find::<Element>("#toasts"), dom::document().create_element("p")) else {
        return;
    };
    toast.set_class_name("toast");
    toast.set_text_content(Some(text));
    toasts.set_text_content(None);
    let _ = toasts.append_child(&toast);
    dismiss_later(toast);
}

/// Removes the toast after a while, but not while the pointer is on it.
fn dismiss_later(toast: Element) {
    let dismiss = move || match toast.matches(":hover") {
        Ok(true) => dismiss_later(toast),
        _ => toast.remove(),
    };
    set_timeout(dismiss, STAYS);
}
