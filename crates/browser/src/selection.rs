//! Selected rows: `data-picks-all` selects every row of its form, and `data-picked` has the number read aloud. The
//! style sheet shows the selection, also without scripts.

use super::dom;
use leptos::prelude::set_timeout;
use std::time::Duration;
use web_sys::{Element, Event, HtmlInputElement};

const ROW: &str = "tbody .table__check input";

pub fn attach() {
    dom::on("change", |event: Event| {
        if let Some(all) = dom::target::<HtmlInputElement>(&event, "[data-picks-all]") {
            rows().iter().for_each(|row| row.set_checked(all.checked()));
        }
        count();
    });
    // the boxes are reset after this event
    dom::on("reset", |_: Event| set_timeout(count, Duration::ZERO));
}

/// Updates the number of selected rows; a page has at most one such list.
pub fn count() {
    let rows = rows();
    let picked = rows.iter().filter(|row| row.checked()).count();
    if let Some(all) = dom::find::<HtmlInputElement>("[data-picks-all]") {
        all.set_checked(picked > 0 && picked == rows.len());
        all.set_indeterminate(picked > 0 && picked < rows.len());
    }
    if let Some(said) = dom::find::<Element>("[data-picked]") {
        let words = if picked == 0 { String::new() } else { format!("{picked} selected") };
        dom::set_text(&said, &words);
    }
}

fn rows() -> Vec<HtmlInputElement> {
    dom::all(ROW)
}
