//! A value to copy: a field whose text can be selected, and a button for browsers with scripts.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// Shows the value. The button takes up its space before scripts run, so that nothing moves; it is enabled once they
/// do. `of` says what is copied, for pages with more than one value.
#[component]
pub fn Copy(
    id: &'static str,
    value: String,
    #[prop(optional_no_strip)] of: Option<&'static str>,
    #[prop(optional, into)] described_by: Option<String>,
) -> impl IntoView {
    view! {
        <div class="copy">
            <input class="field__input" id=id readonly value=value aria-describedby=described_by/>
            <button class="button scripted" type="button" data-copies=id disabled>
                <Icon glyph=Glyph::Copy/>
                "Copy"
                {of.map(|of| view! { <span class="sr">" "{of}</span> })}
            </button>
        </div>
    }
    .into_any()
}
