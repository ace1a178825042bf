//! A status: an icon with its own shape, and a word.

use crate::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::Status;

/// Shows a status. `plain` is for lists, where only the icon is coloured.
#[component]
pub fn Badge(status: Status, #[prop(optional)] plain: bool) -> impl IntoView {
    let class = format!("badge badge--{status}{}", if plain { " badge--plain" } else { "" });
    view! {
        <span class=class>
            <Icon glyph=glyph(status)/>
            {status.label()}
        </span>
    }
}

fn glyph(status: Status) -> Glyph {
    match status {
        Status::Pending => Glyph::Pending,
        Status::Accepted => Glyph::Accepted,
        Status::Declined => Glyph::Declined,
        Status::Revoked => Glyph::Revoked,
        Status::Expired => Glyph::Expired,
    }
}
