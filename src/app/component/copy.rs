//! A value to take away: a field that can be selected, and with scripts a button.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// The button takes its place before scripts run, so that nothing moves; it can be pressed once they do. `of` says what
/// is copied, on pages where there is more than one.
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
