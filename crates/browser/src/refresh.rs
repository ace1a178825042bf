//! Refreshes the open page: fetches it again and changes what differs in its regions (`data-live="name"`). What the
//! person did is preserved; see [`morph`].

use super::{dom, settle, times};
use leptos::prelude::set_timeout;
use std::cell::Cell;
use vestibule_islands::{FRAME_ONLY, PATIENCE, REFRESH, morph, stale};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, DomParser, Element, RequestInit, Response, SupportedType};

thread_local! {
    /// The number of the latest refresh; answers to earlier ones are ignored.
    static TURN: Cell<u32> = const { Cell::new(0) };
    static IS_UNDER_WAY: Cell<bool> = const { Cell::new(false) };
    /// Whether something changed after the pending refresh was started.
    static IS_OLD: Cell<bool> = const { Cell::new(false) };
}

/// Refreshes because something changed. Many changes in a row cause one or two refreshes.
pub fn soon() {
    if IS_UNDER_WAY.get() {
        IS_OLD.set(true);
    } else {
        now();
    }
}

/// Refreshes because the URL has changed.
pub fn now() {
    let turn = TURN.get() + 1;
    TURN.set(turn);
    IS_UNDER_WAY.set(true);
    IS_OLD.set(false);
    let mark_if_slow = move || {
        if TURN.get() == turn && IS_UNDER_WAY.get() {
            mark_slow(true);
        }
    };
    set_timeout(mark_if_slow, PATIENCE);
    spawn_local(async move {
        let read = read(&address()).await;
        if TURN.get() != turn {
            return;
        }
        IS_UNDER_WAY.set(false);
        mark_slow(false);
        stale::say(read.is_none());
        if let Some(document) = read {
            show(&document);
            settle();
        }
        if IS_OLD.get() {
            soon();
        }
    });
}

fn address() -> String {
    dom::window().location().href().unwrap_or_default()
}

/// Fetches the page at the URL. Returns `None` if there is no answer or a redirect to another page, as after signing
/// out.
async fn read(address: &str) -> Option<Document> {
    let options = RequestInit::new();
    let headers = web_sys::Headers::new().ok()?;
    headers.append(REFRESH, if has_content() { "1" } else { FRAME_ONLY }).ok()?;
    options.set_headers(&headers);
    let answer = JsFuture::from(dom::window().fetch_with_str_and_init(address, &options)).await.ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    if !answer.ok() || answer.redirected() {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok().as_ref().and_then(JsValue::as_string)?;
    DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()
}

/// Checks whether the content is refreshed here. Otherwise, an island does it.
fn has_content() -> bool {
    dom::find::<Element>("[data-live=content]").is_some()
}

/// Shows what was read. If a region is not there any more, the page is another one now, and is loaded again.
fn show(read: &Document) {
    times::say_all(read);
    dom::document().set_title(&read.title());
    for region in dom::all::<Element>("[data-live]") {
        let name = region.get_attribute("data-live").unwrap_or_default();
        match read.query_selector(&format!("[data-live='{name}']")) {
            Ok(Some(now)) => morph::morph(&region, &now),
            _ => _ = dom::window().location().reload(),
        }
    }
    let body = read.body().and_then(|body| body.get_attribute("data-now"));
    if let (Some(body), Some(now)) = (dom::document().body(), body) {
        let _ = body.set_attribute("data-now", &now);
    }
}

fn mark_slow(is_slow: bool) {
    for region in dom::all::<Element>("[data-live=content]") {
        let _ = region.class_list().toggle_with_force("loading", is_slow);
    }
}
