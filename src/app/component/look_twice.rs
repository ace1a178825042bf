//! A warning beside an address whose domain mixes alphabets, and so may pass for another.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// `domain` is in its own letters, which are what deceives; nothing is shown for an address without one.
#[component]
pub fn LookTwice(domain: Option<String>) -> impl IntoView {
    domain.map(|domain| {
        view! {
            <span class="look-twice">
                <Icon glyph=Glyph::Warn/>
                <span>"Mixes alphabets, and reads " <bdi>{domain}</bdi></span>
            </span>
        }
    })
}
