//! Shows times in the viewer's own time zone: every `<time data-when>`, in the words of `islands/when.rs`.

use super::dom;
use chrono::DateTime;
use js_sys::Date;
use vestibule_components::when::{SOON, WhenStyle, say, time_left};
use vestibule_domain::Instant;
use wasm_bindgen::JsValue;
use web_sys::{Document, Element};

/// Updates all times in a document, either the one that is shown or one that was just fetched.
pub fn say_all(document: &Document) {
    let now = document.body().and_then(|body| local(&body.get_attribute("data-now")?));
    let Some(now) = now else { return };
    for time in dom::all_in::<Element>(document, "time[data-when]") {
        let Some(at) = time.get_attribute("datetime").and_then(|at| local(&at)) else { continue };
        match WhenStyle::read(&time.get_attribute("data-when").unwrap_or_default()) {
            Some(style) => dom::set_text(&time, &say(at, now, style)),
            None => {
                let (words, is_soon) = time_left(at, now);
                dom::set_text(&time, &words);
                let _ = time.class_list().toggle_with_force(SOON, is_soon);
            }
        }
    }
}

/// Returns the time shifted so that its UTC fields show the viewer's local time.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970, and a day of minutes")]
fn local(rfc3339: &str) -> Option<Instant> {
    let at = Date::parse(rfc3339);
    let behind = Date::new(&JsValue::from_f64(at)).get_timezone_offset() * 60_000.0;
    DateTime::from_timestamp_millis((at - behind) as i64)
}
