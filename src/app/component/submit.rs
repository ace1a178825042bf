//! The button that sends a form.

use leptos::prelude::*;

/// With scripts its word changes to `busy` once it is sent, and a second press does nothing: the form is on its way.
#[component]
pub fn Submit(
    #[prop(default = "button button--main")] class: &'static str,
    #[prop(optional)] busy: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let sending = RwSignal::new(false);
    let button = NodeRef::<leptos::html::Button>::new();
    Effect::new(move || {
        if let Some(button) = button.get() {
            on_submit(&button, sending);
        }
    });
    let label = children();
    view! {
        <button class=class node_ref=button aria-disabled=move || sending.get().then_some("true")>
            <span class="button__label" hidden=move || busy.is_some() && sending.get()>{label}</span>
            {busy.map(|busy| view! { <span class="button__label" hidden=move || !sending.get()>{busy}</span> })}
        </button>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn on_submit(button: &web_sys::HtmlButtonElement, sending: RwSignal<bool>) {
    use leptos::wasm_bindgen::{JsCast, prelude::Closure};
    let Some(form) = button.form() else { return };
    let stop = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if sending.get_untracked() {
            event.prevent_default();
        } else {
            sending.set(true);
        }
    });
    let _ = form.add_event_listener_with_callback("submit", stop.as_ref().unchecked_ref());
    stop.forget();
}

#[cfg(not(feature = "hydrate"))]
fn on_submit<T>(_: &T, _: RwSignal<bool>) {}
