//! A person's initials in a circle.

use leptos::prelude::*;
use vestibule_domain::Name;

/// A decoration that screen readers skip: the name is always next to it.
#[component]
pub fn Avatar(name: Name) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{name.initials()}</span> }
}
