//! A person as a circle with initials.

use leptos::prelude::*;
use vestibule_domain::Name;

/// For the eye alone: the name always stands beside it.
#[component]
pub fn Avatar(name: Name) -> impl IntoView {
    view! { <span class="avatar" aria-hidden="true">{name.initials()}</span> }
}
