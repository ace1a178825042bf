//! The button that sends a form.

use leptos::prelude::*;

/// With scripts its word changes to `busy` once it is sent, and a second press does nothing: the form is on its way.
#[component]
pub fn Submit(
    #[prop(default = "button button--main")] class: &'static str,
    #[prop(optional)] busy: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <button class=class data-sends>
            <span class="button__label">{children()}</span>
            {busy.map(|busy| view! { <span class="button__label" hidden>{busy}</span> })}
        </button>
    }
    .into_any()
}
