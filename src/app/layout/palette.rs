//! The dialog of the search palette, which `crates/islands/src/palette.rs` opens and fills. It is a combobox: the field
//! keeps the focus, and the list below it has the chosen row (WAI-ARIA Authoring Practices).

use crate::app::component::{Glyph, Icon};
use leptos::prelude::*;
use vestibule_domain::bounds::MAX_SEARCH_CHARS;
use vestibule_functions::{FunctionError, server::PageError};
use vestibule_islands::{palette::Palette, problem::Problem};

const LABEL: &str = "Search people, pages and actions";

#[component]
pub fn SearchPalette(slug: String) -> impl IntoView {
    view! {
        <dialog class="palette" id="palette" aria-label="Search">
            <form class="palette__head" method="get" action=format!("/o/{slug}/search")>
                <Icon glyph=Glyph::Search/>
                <input
                    class="palette__field"
                    id="palette-field"
                    type="text"
                    name="q"
                    maxlength=MAX_SEARCH_CHARS.to_string()
                    placeholder=LABEL
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    role="combobox"
                    aria-label=LABEL
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-expanded="false"
                />
                <button class="button button--quiet button--small" type="button" data-closes>"Close"</button>
            </form>
            <div class="palette__list" id="palette-list" role="listbox" aria-label="Results"></div>
            <p class="palette__status" id="palette-words" role="status"></p>
            <template id="palette-signed-out"><Problem error=FunctionError::from(PageError::SignedOut)/></template>
        </dialog>
        <Palette slug/>
    }
    .into_any()
}
