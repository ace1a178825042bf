//! The invitations that a person has selected, on this page of the list and on others.

use crate::{
    dom::{all, find, set_text, target},
    grouped,
};
use leptos::{
    prelude::*,
    web_sys::{Element, Event, HtmlInputElement},
};

/// The check boxes of the rows, and the one that selects them all.
const ROWS: &str = "tbody .table__check input";
const ALL: &str = "[data-picks-all]";

/// The ids of the selected invitations.
#[derive(Clone, Copy)]
pub struct Selection(RwSignal<Vec<String>>);

impl Default for Selection {
    fn default() -> Self {
        Self(RwSignal::new(Vec::new()))
    }
}

impl Selection {
    /// Follows a check box.
    pub fn follow(self, event: &Event) {
        if let Some(all) = target::<HtmlInputElement>(event, ALL) {
            self.pick(rows().iter().map(HtmlInputElement::value), all.checked());
        } else if let Some(row) = target::<HtmlInputElement>(event, ROWS) {
            self.pick([row.value()], row.checked());
        }
    }

    fn pick(self, ids: impl IntoIterator<Item = String>, is_picked: bool) {
        self.0.update(|picked| {
            for id in ids {
                picked.retain(|other| *other != id);
                if is_picked {
                    picked.push(id);
                }
            }
        });
    }

    pub fn clear(self) {
        self.0.update(Vec::clear);
    }

    /// Shows what is selected, in rows that may have just appeared. The boxes of other pages are hidden fields.
    pub fn show(self) {
        let picked = self.0.get();
        let rows = rows();
        for row in &rows {
            row.set_checked(picked.contains(&row.value()));
        }
        let here = rows.iter().filter(|row| row.checked()).count();
        if let Some(all) = find::<HtmlInputElement>(ALL) {
            all.set_checked(here > 0 && here == rows.len());
            all.set_indeterminate(here > 0 && here < rows.len());
        }
        let shown: Vec<String> = rows.iter().map(HtmlInputElement::value).collect();
        show_bar(picked.len(), picked.iter().filter(|id| !shown.contains(id)));
    }
}

fn show_bar<'a>(count: usize, elsewhere: impl Iterator<Item = &'a String>) {
    let Some(bar) = find::<Element>(".bulk-bar") else { return };
    let number = if count > 0 { grouped(count as u64) } else { String::new() };
    _ = bar.class_list().toggle_with_force("bulk-bar--on", count > 0);
    let said = if count > 0 { format!("{number} selected") } else { String::new() };
    for (selector, text) in [(".bulk-bar__number", number), ("[data-picked]", said)] {
        if let Some(element) = find::<Element>(selector) {
            set_text(&element, &text);
        }
    }
    for field in all::<Element>(".bulk-bar [data-elsewhere]") {
        field.remove();
    }
    for id in elsewhere {
        let field = document().create_element("input");
        if let Ok(field) = field {
            for (name, value) in [("type", "hidden"), ("name", "id"), ("value", id), ("data-elsewhere", "")] {
                _ = field.set_attribute(name, value);
            }
            _ = bar.append_with_node_1(&field);
        }
    }
}

fn rows() -> Vec<HtmlInputElement> {
    all(ROWS)
}
