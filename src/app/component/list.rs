//! The parts of list pages that only the server has. See also [`super::Search`] and [`super::Empty`], and
//! `crates/components` for the table, its tabs and its pages.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// The number of rows on a page of a list.
pub const PAGE: u32 = 50;

/// A link to the form that adds a row.
#[component]
pub fn AddButton(href: String, words: &'static str) -> impl IntoView {
    view! {
        <a class="button button--main" href=href>
            <Icon glyph=Glyph::Plus/>
            {words}
        </a>
    }
    .into_any()
}
