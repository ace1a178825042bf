//! A value to take away: a field that can be selected, and with scripts a button.

use super::{Glyph, Icon, toast};
use leptos::prelude::*;

/// The button takes its place before scripts run, so that nothing moves; it can be pressed once they do.
#[component]
pub fn Copy(id: &'static str, value: String, #[prop(optional, into)] described_by: Option<String>) -> impl IntoView {
    let ready = RwSignal::new(false);
    Effect::new(move || ready.set(true));
    let toaster = toast::use_toaster();
    let text = value.clone();
    let copy = move |_| {
        copy_to_clipboard(&text);
        toast::say(toaster, "Copied.".to_owned());
    };
    view! {
        <div class="copy">
            <input class="field__input" id=id readonly value=value aria-describedby=described_by/>
            <button class="button scripted" type="button" disabled=move || !ready.get() on:click=copy>
                <Icon glyph=Glyph::Copy/>
                "Copy"
            </button>
        </div>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn copy_to_clipboard(text: &str) {
    let promise = leptos::prelude::window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        // a refusal needs no word: the field stays to be selected by hand
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
    });
}

#[cfg(not(feature = "hydrate"))]
fn copy_to_clipboard(_: &str) {}
