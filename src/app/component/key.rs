//! A hint at a keyboard shortcut.

use leptos::prelude::*;

#[component]
pub fn Key(of: &'static str) -> impl IntoView {
    view! { <kbd class="key scripted" aria-hidden="true">{of}</kbd> }
}
