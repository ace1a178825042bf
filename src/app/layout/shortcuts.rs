//! Keyboard shortcuts: single letters for frequent actions, which work outside of fields only, and a list of them in
//! which they can be turned off (WCAG 2.1.4). `crates/browser/src/shortcuts.rs` listens for them.

use crate::app::component::{Glyph, Icon};
use leptos::prelude::*;

const KEYS: [(&str, &str); 12] = [
    ("Ctrl K", "Search for people, pages and actions"),
    ("/", "Search the list"),
    ("i", "Invite people"),
    ("j  k", "Next and previous row"),
    ("x", "Select the row"),
    ("e", "Edit the invitation"),
    ("r", "Resend the invitation"),
    ("z", "Undo what was just done"),
    ("u", "Back to the list"),
    ("g  i", "Go to invitations; g m to members, g o to the outbox, g a to the audit log, g s to settings"),
    ("Ctrl ↵", "Send the form"),
    ("?", "This list"),
];

/// The list of shortcuts, hidden until it is opened.
#[component]
pub fn Shortcuts() -> impl IntoView {
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
        <dialog class="dialog" id="keys" aria-labelledby="keys-title">
            <div class="dialog__body">
                <h2 id="keys-title">"Keyboard"</h2>
                <dl class="facts facts--offer facts--keys">{rows}</dl>
                <label class="choice">
                    <input type="checkbox" id="keys-on" checked/>
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

/// The button that opens the list. It is enabled once scripts run.
#[component]
pub fn ShortcutsButton() -> impl IntoView {
    view! {
        <button class="nav__link nav__button scripted" type="button" data-opens="keys" disabled>
            <Icon glyph=Glyph::Key/>
            "Keyboard"
        </button>
    }
    .into_any()
}
