//! The button that submits a form.

use leptos::prelude::*;

/// Shows the button. With scripts, its label changes to `busy` once the form is submitted, and a second press does
/// nothing.
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
