//! The links to the newer and the older page of a list.

use crate::{Glyph, Icon};
use leptos::prelude::*;

/// Shows the links, or nothing if there is only one page. `newer` and `older` are URLs, `note` says what is shown, and
/// `words` are the labels for lists in another order.
#[component]
pub fn Pager(
    note: String,
    newer: Option<String>,
    older: Option<String>,
    #[prop(default = ("Newer", "Older"))] words: (&'static str, &'static str),
) -> impl IntoView {
    (newer.is_some() || older.is_some()).then(|| {
        let disabled = |href: &Option<String>| href.is_none().then_some("true");
        let (no_newer, no_older) = (disabled(&newer), disabled(&older));
        view! {
            <nav class="pager" aria-label="Pages">
                <span>{note}</span>
                <span class="row">
                    <a class="button button--small" href=newer aria-disabled=no_newer rel="prev">
                        <Icon glyph=Glyph::Prev flip=true/>
                        {words.0}
                    </a>
                    <a class="button button--small" href=older aria-disabled=no_older rel="next">
                        {words.1}
                        <Icon glyph=Glyph::Next flip=true/>
                    </a>
                </span>
            </nav>
        }
    })
}
