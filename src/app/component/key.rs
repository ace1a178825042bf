//! A hint at a key of the keyboard.

use leptos::prelude::*;

#[component]
pub fn Key(of: &'static str) -> impl IntoView {
    view! { <kbd class="key scripted" aria-hidden="true">{of}</kbd> }
}
