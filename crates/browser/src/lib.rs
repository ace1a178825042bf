//! What scripts add to the pages, once for all of them: each file is one behaviour. Nothing here knows a page; pages
//! mark what is meant by attributes (`data-live`, `data-copies`, …). Listeners sit on the document, so that a region
//! which was refreshed needs nothing; what has to be done to the elements themselves is done again by [`settle`].

mod copy;
mod dom;
mod keys;
mod live;
mod menus;
mod morph;
mod picks;
mod refresh;
mod search;
mod sending;
mod times;
mod toast;

/// Readies Leptos for the page's islands and attaches what else moves. The page's own script calls it, then each island.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    start();
}

fn start() {
    settle();
    copy::attach();
    keys::attach();
    menus::attach();
    picks::attach();
    search::attach();
    sending::attach();
    live::listen();
}

/// After every refresh, and at the start.
fn settle() {
    times::say_all(&dom::document());
    dom::enable("[data-copies], [data-opens]");
    picks::count();
}
