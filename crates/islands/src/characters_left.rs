//! The number of characters left for a message.

use crate::{plural, typed::typed_in};
use leptos::prelude::*;
use vestibule_domain::Message;

/// The number of characters left, shown when few are left.
#[island]
pub fn CharactersLeft() -> impl IntoView {
    let typed = typed_in("message");
    view! { <p class="field__hint" role="status">{move || left_words(typed.read().chars().count())}</p> }
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
    fn the_end_of_a_message_is_told_when_it_is_near() {
        assert_eq!(left_words(0), "");
        assert_eq!(left_words(Message::MAX_CHARS - 1), "1 character left");
    }
}
