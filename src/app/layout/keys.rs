//! The keyboard: single letters for what is done often, outside of fields only, and a list of them that also turns
//! them off (WCAG 2.1.4).

use leptos::{html::Dialog, prelude::*};

/// Opens the list of keys.
#[derive(Clone, Copy)]
pub struct KeysDialog(NodeRef<Dialog>);

const KEYS: [(&str, &str); 10] = [
    ("/", "Search"),
    ("i", "Invite people"),
    ("j  k", "Next and previous row"),
    ("x", "Select the row"),
    ("e", "Edit the invitation"),
    ("r", "Resend the invitation"),
    ("u", "Back to the list"),
    ("g  i", "Go to invitations; g m to members, g o to the outbox"),
    ("Ctrl ↵", "Send the form"),
    ("?", "This list"),
];

pub fn provide_keys() -> KeysDialog {
    let keys = KeysDialog(NodeRef::new());
    provide_context(keys);
    keys
}

/// The list, shut until asked for, and what listens to the keys.
#[component]
pub fn Keys(dialog: KeysDialog) -> impl IntoView {
    let (dialog, on) = (dialog.0, RwSignal::new(true));
    Effect::new(move || listen(dialog, on));
    let rows = KEYS
        .map(|(key, words)| {
            view! {
                <div>
                    <dt><kbd class="key">{key}</kbd></dt>
                    <dd>{words}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="keys-title">
            <div class="dialog__body">
                <h2 id="keys-title">"Keyboard"</h2>
                <dl class="facts facts--offer facts--keys">{rows}</dl>
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=move || on.get()
                        on:change=move |event| keep(on, event_target_checked(&event))
                    />
                    <span>"Listen to single letters"</span>
                </label>
            </div>
            <form class="dialog__foot" method="dialog">
                <button class="button" autofocus>"Close"</button>
            </form>
        </dialog>
    }
    .into_any()
}

/// A button that opens the list; it can be pressed once scripts run.
#[component]
pub fn KeysButton() -> impl IntoView {
    let ready = RwSignal::new(false);
    Effect::new(move || ready.set(true));
    let dialog = expect_context::<KeysDialog>();
    view! {
        <button
            class="nav__link nav__button scripted"
            type="button"
            disabled=move || !ready.get()
            on:click=move |_| open(dialog.0)
        >
            <crate::app::component::Icon glyph=crate::app::component::Glyph::Key/>
            "Keyboard"
        </button>
    }
    .into_any()
}

fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked()
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

#[cfg(not(feature = "hydrate"))]
fn listen(_: NodeRef<Dialog>, _: RwSignal<bool>) {}

#[cfg(not(feature = "hydrate"))]
fn keep(_: RwSignal<bool>, _: bool) {}

#[cfg(feature = "hydrate")]
use browser::{keep, listen};

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Function, Reflect};
    use leptos::{ev, html::Dialog, prelude::*, wasm_bindgen::JsCast, wasm_bindgen::JsValue};
    use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent};

    /// Where the browser keeps whether single letters are off.
    const KEPT: &str = "vestibule-keys";

    pub fn listen(dialog: NodeRef<Dialog>, on: RwSignal<bool>) {
        on.set(storage("getItem", &[KEPT]).and_then(|kept| kept.as_string()).is_none_or(|kept| kept != "off"));
        let went = StoredValue::new(false);
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                send();
            } else if on.get_untracked() && !is_typing(&event) && press(&event.key(), went, dialog) {
                event.prevent_default();
            }
        });
        on_cleanup(move || listener.remove());
    }

    pub fn keep(on: RwSignal<bool>, is_on: bool) {
        on.set(is_on);
        storage("setItem", &[KEPT, if is_on { "on" } else { "off" }]);
    }

    /// Calls a method of the browser's own store; nothing where it is shut off.
    fn storage(method: &str, arguments: &[&str]) -> Option<JsValue> {
        let store = Reflect::get(&window(), &JsValue::from_str("localStorage")).ok()?;
        let method = Reflect::get(&store, &JsValue::from_str(method)).ok()?.dyn_into::<Function>().ok()?;
        let arguments: js_sys::Array = arguments.iter().map(|text| JsValue::from_str(text)).collect();
        method.apply(&store, &arguments).ok()
    }

    /// Whether the key means a character, or belongs to the browser.
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

    /// Does what the key stands for; says whether there was anything to do.
    fn press(key: &str, went: StoredValue<bool>, dialog: NodeRef<Dialog>) -> bool {
        let is_going = went.get_value();
        went.set_value(key == "g");
        match key {
            "g" => true,
            "i" | "m" | "o" if is_going => click(&format!("[data-go={key}]")),
            "/" => find("input[type=search]").is_some_and(|search| search.focus().is_ok()),
            "?" => {
                super::open(dialog);
                true
            }
            "j" => step(1),
            "k" => step(-1),
            "x" => row_of_focus().is_some_and(|row| click_in(&row, "input[type=checkbox]")),
            "e" | "i" | "r" | "u" => click(&format!("[data-key={key}]")),
            _ => false,
        }
    }

    /// A link is followed, a form is sent.
    fn click(selector: &str) -> bool {
        let Some(element) = find(selector) else { return false };
        match element.dyn_into::<HtmlFormElement>() {
            Ok(form) => form.request_submit().is_ok(),
            Err(element) => {
                element.click();
                true
            }
        }
    }

    fn click_in(row: &Element, selector: &str) -> bool {
        let found =
            row.query_selector(selector).ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        found.is_some_and(|element| {
            element.click();
            true
        })
    }

    fn find(selector: &str) -> Option<HtmlElement> {
        document().query_selector(selector).ok().flatten()?.dyn_into().ok()
    }

    fn row_of_focus() -> Option<Element> {
        document().active_element()?.closest("tbody tr").ok().flatten()
    }

    /// Moves the focus to the name in the next row, or in the one before.
    fn step(by: i32) -> bool {
        let Ok(rows) = document().query_selector_all("tbody tr") else { return false };
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

    /// Sends the form that is being filled in, if it is one of those with a page of its own.
    fn send() {
        let form = document().active_element().and_then(|element| element.closest("form[data-send]").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
            let _ = form.request_submit();
        }
    }
}
