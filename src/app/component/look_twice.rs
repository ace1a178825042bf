//! A warning beside an address whose domain mixes alphabets, and so may pass for another.

use super::{Glyph, Icon};
use crate::domain::EmailAddress;
use leptos::prelude::*;

/// Nothing, for all others. The domain stands in its own letters, which are what deceives.
#[component]
pub fn LookTwice(email: EmailAddress) -> impl IntoView {
    email.mixed_scripts().map(|domain| {
        view! {
            <span class="look-twice">
                <Icon glyph=Glyph::Warn/>
                <span>"Mixes alphabets, and reads " <bdi>{domain}</bdi></span>
            </span>
        }
    })
}
