//! Feedback while a person types: how many addresses there are, and how many characters are left. On the server nothing
//! is typed.

use crate::plural;
use leptos::prelude::*;
use std::{collections::HashSet, time::Duration};
use vestibule_domain::{Message, recipients};

/// The label of the button that invites, with the number of people. Without scripts the number is unknown.
#[island]
pub fn InviteWords() -> impl IntoView {
    let typed = typed_in("recipients");
    view! { <span>{move || invite_words(&typed.read())}</span> }
}

/// The number of addresses that were recognized, and those that look wrong.
#[island]
pub fn RecipientsRead() -> impl IntoView {
    let read = settled(typed_in("recipients"));
    view! { <p class="field__hint" role="status">{move || read_words(&read.read())}</p> }
}

/// The number of characters left for the message, shown when few are left.
#[island]
pub fn CharactersLeft() -> impl IntoView {
    let typed = typed_in("message");
    view! { <p class="field__hint" role="status">{move || left_words(typed.read().chars().count())}</p> }
}

/// Follows the text box with this id, from the moment scripts run: the browser may have kept text that was typed
/// before.
fn typed_in(id: &'static str) -> RwSignal<String> {
    let typed = RwSignal::new(String::new());
    Effect::new(move || {
        let Some(area) = document().get_element_by_id(id) else { return };
        let text = move || js_text(&area);
        typed.set(text());
        let listener = window_event_listener(leptos::ev::input, move |_| {
            let now = text();
            if now != *typed.read_untracked() {
                typed.set(now);
            }
        });
        on_cleanup(move || listener.remove());
    });
    typed
}

fn js_text(area: &leptos::web_sys::Element) -> String {
    use leptos::wasm_bindgen::JsCast;
    area.dyn_ref::<web_sys::HtmlTextAreaElement>().map(web_sys::HtmlTextAreaElement::value).unwrap_or_default()
}

/// Returns `text` once nothing has been typed for a moment, because text that is read aloud must not change with every
/// key.
fn settled(text: RwSignal<String>) -> RwSignal<String> {
    let settled = RwSignal::new(String::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let now = text.get();
        if let Some(earlier) = waiting.get_value() {
            earlier.clear();
        }
        waiting.set_value(set_timeout_with_handle(move || settled.set(now), Duration::from_millis(600)).ok());
    });
    settled
}

fn invite_words(text: &str) -> String {
    match distinct(text) {
        0 => "Invite".to_owned(),
        count => format!("Invite {}", plural(count as u64, "person", "people")),
    }
}

fn distinct(text: &str) -> usize {
    recipients::split(text).into_iter().map(|recipient| recipient.address.to_lowercase()).collect::<HashSet<_>>().len()
}

fn read_words(text: &str) -> String {
    let written = recipients::split(text);
    if written.is_empty() {
        return String::new();
    }
    let doubtful: Vec<&str> =
        written.iter().map(|recipient| recipient.address.as_str()).filter(|address| !looks_right(address)).collect();
    let read = plural(written.len() as u64, "address", "addresses");
    let twice = written.len() - distinct(text);
    let twice = if twice == 0 { String::new() } else { format!(", {twice} written twice") };
    match doubtful.as_slice() {
        [] => format!("{read} read{twice}."),
        [one] => format!("{read} read{twice}. Look at this one again: {one}"),
        [first, rest @ ..] => {
            format!("{read} read{twice}. Look at {first} and {} again.", plural(rest.len() as u64, "other", "others"))
        }
    }
}

/// Guesses whether an address is valid, to help early; the server decides.
fn looks_right(address: &str) -> bool {
    address.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.ends_with('.') && !domain.contains([',', ' ', '@'])
    })
}

fn left_words(count: usize) -> String {
    match Message::MAX_CHARS.checked_sub(count) {
        Some(left) if left <= 200 => format!("{} left", plural(left as u64, "character", "characters")),
        Some(_) => String::new(),
        None => format!("{} too many", plural((count - Message::MAX_CHARS) as u64, "character", "characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_says_how_many_are_invited() {
        assert_eq!(invite_words(""), "Invite");
        assert_eq!(invite_words("ada@x.org"), "Invite 1 person");
        assert_eq!(invite_words("ada@x.org, bob@y.org\nADA@x.org"), "Invite 2 people");
    }

    #[test]
    fn what_is_typed_is_counted_and_slips_are_named() {
        assert_eq!(read_words(""), "");
        assert_eq!(read_words("ada@x.org;bob@y.org;ada@x.org"), "3 addresses read, 1 written twice.");
        assert_eq!(read_words("ada@x,org"), "1 address read. Look at this one again: ada@x,org");
    }

    #[test]
    fn the_end_of_a_message_is_told_when_it_is_near() {
        assert_eq!(left_words(0), "");
        assert_eq!(left_words(Message::MAX_CHARS - 1), "1 character left");
    }
}
