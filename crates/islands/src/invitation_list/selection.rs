//! The invitations that a person has selected, on this page of the list and on others.

use crate::{
    dom::{all, find, set_text, target},
    grouped,
};
use leptos::{
    prelude::*,
    web_sys::{Element, Event, HtmlInputElement},
};

/// The check boxes of the rows, the one that selects them all, and the button that selects all that match.
const ROWS: &str = "tbody .table__check input";
const ALL: &str = "[data-picks-all]";
const MATCHING: &str = "[data-picks-matching]";

/// What is selected.
#[derive(Clone, Default)]
struct Picked {
    ids: Vec<String>,
    /// Whether all that match are selected, on all pages.
    is_all: bool,
}

#[derive(Clone, Copy)]
pub struct Selection(RwSignal<Picked>);

impl Default for Selection {
    fn default() -> Self {
        Self(RwSignal::new(Picked::default()))
    }
}

impl Selection {
    /// Takes what was ticked before scripts ran.
    pub fn adopt(self) {
        let ticked = rows().into_iter().filter(HtmlInputElement::checked);
        self.pick(ticked.map(|row| row.value()), true);
    }

    /// Follows a check box.
    pub fn follow(self, event: &Event) {
        if let Some(all) = target::<HtmlInputElement>(event, ALL) {
            self.pick(rows().iter().map(HtmlInputElement::value), all.checked());
        } else if let Some(row) = target::<HtmlInputElement>(event, ROWS) {
            self.pick([row.value()], row.checked());
        }
    }

    /// Follows the button that selects all that match.
    pub fn follow_button(self, event: &Event) {
        if target::<Element>(event, MATCHING).is_some() {
            self.0.update(|picked| picked.is_all = true);
        }
    }

    fn pick(self, ids: impl IntoIterator<Item = String>, is_picked: bool) {
        self.0.update(|picked| {
            // of all that match, those remain that were ticked or are on this page
            if std::mem::take(&mut picked.is_all) {
                for row in rows().iter().map(HtmlInputElement::value) {
                    if !picked.ids.contains(&row) {
                        picked.ids.push(row);
                    }
                }
            }
            for id in ids {
                picked.ids.retain(|other| *other != id);
                if is_picked {
                    picked.ids.push(id);
                }
            }
        });
    }

    pub fn clear(self) {
        self.0.set(Picked::default());
    }

    /// Shows what is selected, in rows that may have just appeared. The boxes of other pages are hidden fields.
    pub fn show(self) {
        let Picked { ids, is_all } = self.0.get();
        let rows = rows();
        for row in &rows {
            row.set_checked(is_all || ids.contains(&row.value()));
        }
        let here = rows.iter().filter(|row| row.checked()).count();
        let is_whole = here > 0 && here == rows.len();
        if let Some(all) = find::<HtmlInputElement>(ALL) {
            all.set_checked(is_whole);
            all.set_indeterminate(here > 0 && !is_whole);
        }
        let Some(bar) = find::<Element>(".bulk-bar") else { return };
        let mut number = if ids.is_empty() { String::new() } else { grouped(ids.len() as u64) };
        if let Some(matching) = find::<Element>(MATCHING) {
            _ = matching.toggle_attribute_with_force("hidden", is_all || !is_whole);
            if is_all {
                number = matching.get_attribute("data-picks-matching").unwrap_or_default();
            }
        }
        _ = bar.class_list().toggle_with_force("bulk-bar--all", is_all);
        let shown: Vec<String> = rows.iter().map(HtmlInputElement::value).collect();
        show_number(&bar, &number);
        keep_elsewhere(&bar, ids.iter().filter(|id| !shown.contains(id)));
    }
}

fn show_number(bar: &Element, number: &str) {
    _ = bar.class_list().toggle_with_force("bulk-bar--on", !number.is_empty());
    let said = if number.is_empty() { String::new() } else { format!("{number} selected") };
    for (selector, text) in [(".bulk-bar__number", number), ("[data-picked]", &said)] {
        if let Some(element) = find::<Element>(selector) {
            set_text(&element, text);
        }
    }
}

fn keep_elsewhere<'a>(bar: &Element, ids: impl Iterator<Item = &'a String>) {
    for field in all::<Element>(".bulk-bar [data-elsewhere]") {
        field.remove();
    }
    for id in ids {
        let Ok(field) = document().create_element("input") else { return };
        for (name, value) in [("type", "hidden"), ("name", "id"), ("value", id), ("data-elsewhere", "")] {
            _ = field.set_attribute(name, value);
        }
        _ = bar.append_with_node_1(&field);
    }
}

fn rows() -> Vec<HtmlInputElement> {
    all(ROWS)
}
