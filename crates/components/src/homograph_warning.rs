//! A warning next to an email address whose domain mixes alphabets, and so can be mistaken for another.

use crate::{Glyph, Icon};
use leptos::prelude::*;

/// Shows the warning. `domain` is in its own letters, as these are what deceives. Without it, nothing is shown.
#[component]
pub fn HomographWarning(domain: Option<String>) -> impl IntoView {
    domain.map(|domain| {
        view! {
            <span class="look-twice">
                <Icon glyph=Glyph::Warn/>
                <span>"Mixes alphabets, and reads " <bdi>{domain}</bdi></span>
            </span>
        }
    })
}
