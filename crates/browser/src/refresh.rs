//! Brings the open page up to date: asks for its address once more and changes, of its regions (`data-live="name"`),
//! what differs. What the person did stays: see [`super::morph`].

use super::{dom, morph, settle, times};
use leptos::prelude::set_timeout;
use std::{cell::Cell, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, DomParser, Element, HtmlTemplateElement, RequestInit, Response, SupportedType};

/// Answers that come sooner change the page without a sign of waiting.
const PATIENCE: Duration = Duration::from_millis(400);

thread_local! {
    /// Which refresh was asked for last; the answers of earlier ones come too late.
    static TURN: Cell<u32> = const { Cell::new(0) };
    static IS_UNDER_WAY: Cell<bool> = const { Cell::new(false) };
    /// Whether something happened since the one under way was asked for.
    static IS_OLD: Cell<bool> = const { Cell::new(false) };
}

/// Because something happened. Many changes in a row are one or two refreshes.
pub fn soon() {
    if IS_UNDER_WAY.get() {
        IS_OLD.set(true);
    } else {
        now(|_| ());
    }
}

/// Because the address has changed. `then` gets the document that was read, once the page shows it.
pub fn now(then: impl FnOnce(&Document) + 'static) {
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
        say_stale(read.is_none());
        if let Some(document) = read {
            show(&document);
            then(&document);
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

/// The page at the address; none if there is no answer, or that of another page, as when somebody is signed out.
async fn read(address: &str) -> Option<Document> {
    let options = RequestInit::new();
    let headers = web_sys::Headers::new().ok()?;
    headers.append(vestibule_islands::REFRESH, "1").ok()?;
    options.set_headers(&headers);
    let answer = JsFuture::from(dom::window().fetch_with_str_and_init(address, &options)).await.ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    if !answer.ok() || answer.redirected() {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok().as_ref().and_then(JsValue::as_string)?;
    DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()
}

fn show(read: &Document) {
    times::say_all(read);
    dom::document().set_title(&read.title());
    for region in dom::all::<Element>("[data-live]") {
        let name = region.get_attribute("data-live").unwrap_or_default();
        if let Ok(Some(now)) = read.query_selector(&format!("[data-live='{name}']")) {
            morph::morph(&region, &now);
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

/// The notice that waits in the page's `<template>`, above what may be old now.
fn say_stale(is_stale: bool) {
    const NOTICE: &str = "data-stale";
    let shown = dom::find::<Element>(&format!("[{NOTICE}]"));
    if let Some(notice) = shown.as_ref().filter(|_| !is_stale) {
        notice.remove();
    }
    let template = dom::find::<HtmlTemplateElement>("#stale").filter(|_| is_stale && shown.is_none());
    let notice = template.and_then(|template| template.content().first_element_child());
    let copy = notice.and_then(|notice| notice.clone_node_with_deep(true).ok()?.dyn_into::<Element>().ok());
    let (Some(copy), Some(content)) = (copy, dom::find::<Element>(".page__content")) else { return };
    let _ = copy.set_attribute(NOTICE, "");
    let _ = content.before_with_node_1(&copy);
}
