//! Lines of code to read and to copy.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// Shows code with a copy button. `label` distinguishes it from other code on the page. Long lines scroll, also with
/// the keyboard.
#[component]
pub fn Code(#[prop(into)] id: String, #[prop(into)] label: String, #[prop(into)] text: String) -> impl IntoView {
    let label_id = format!("{id}-label");
    view! {
        <div class="stack stack--tight">
            <div class="row row--apart">
                <p class="field__label" id=label_id.clone()>{label.clone()}</p>
                <button class="button button--small scripted" type="button" data-copies=id.clone() disabled>
                    <Icon glyph=Glyph::Copy/>
                    "Copy"
                    <span class="sr">" "{label}</span>
                </button>
            </div>
            <pre class="code" id=id tabindex="0" role="region" aria-labelledby=label_id>{text}</pre>
        </div>
    }
    .into_any()
}
