//! What scripts add to all pages: each file is one behaviour. Nothing in this crate knows a page; pages mark elements
//! by attributes (`data-live`, `data-copies`, …). Listeners are on the document, so that a refreshed region needs no
//! new ones; changes to the elements themselves are repeated by [`settle`].

mod copy;
mod live;
mod menus;
mod refresh;
mod search;
mod sending;
mod shortcuts;
mod times;
mod toast;

use vestibule_islands::dom;

/// Prepares Leptos for the page's islands and attaches all other behaviours. The page's own script calls it, and then
/// each island.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    start();
}

fn start() {
    settle();
    copy::attach();
    shortcuts::attach();
    menus::attach();
    search::attach();
    sending::attach();
    live::listen();
    dom::listen(&dom::window(), vestibule_islands::SHOWN, |_: web_sys::Event| settle());
}

/// Updates elements at the start and after every refresh.
fn settle() {
    times::say_all(&dom::document());
    dom::enable("[data-copies], [data-opens]");
}
