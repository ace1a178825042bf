//! How the list is read again.

use super::{CONTENT, TABS, selection::Selection};
use crate::{SHOWN, announce, dom::find, filters, morph::fill, patience::PATIENCE, stale, turns::Turns};
use leptos::{prelude::*, wasm_bindgen::JsValue, web_sys::Element};
use vestibule_functions::list::{ListPage, list};

/// The list of an organization, and what is being asked of the server.
#[derive(Clone, Copy)]
pub struct Reading {
    slug: StoredValue<String>,
    pub selection: Selection,
    turns: Turns,
    is_asking: StoredValue<bool>,
    /// Whether something has changed since the question.
    is_old: StoredValue<bool>,
}

impl Reading {
    pub fn new(slug: String, selection: Selection) -> Self {
        let (is_asking, is_old) = (StoredValue::new(false), StoredValue::new(false));
        Self { slug: StoredValue::new(slug), selection, turns: Turns::new(), is_asking, is_old }
    }

    /// Checks whether this URL is one of the list.
    pub fn is_part(self, href: &str) -> bool {
        let path = self.slug.with_value(|slug| format!("/o/{slug}/invitations"));
        href.split('?').next() == Some(&path)
    }

    /// Goes to another part of the list.
    pub fn go(self, href: &str) {
        let history = window().history();
        let pushed = history.and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(href)));
        if pushed.is_ok() {
            filters::fill();
            self.follow_url();
        }
    }

    /// Reads what the URL says.
    pub fn follow_url(self) {
        self.read(true);
    }

    /// Reads the same part again. Many changes in a row are one or two questions.
    pub fn refresh(self) {
        match self.is_asking.get_value() {
            true => self.is_old.set_value(true),
            false => self.read(false),
        }
    }

    /// Asks the server. A refusal is shown to a person who asked for something; everybody else has the notice that the
    /// page is old.
    fn read(self, was_asked_for: bool) {
        let turn = self.turns.next();
        let is_current = move || self.turns.is_current(turn);
        self.is_asking.set_value(true);
        self.is_old.set_value(false);
        set_timeout(move || mark_slow(is_current() && self.is_asking.get_value()), PATIENCE);
        let query = window().location().search().unwrap_or_default();
        let question = list(self.slug.get_value(), query.trim_start_matches('?').to_owned());
        leptos::task::spawn_local(async move {
            let answer = question.await;
            if !is_current() {
                return;
            }
            self.is_asking.set_value(false);
            mark_slow(false);
            match answer {
                Ok(page) => {
                    stale::say(false);
                    self.show(&page);
                }
                Err(error) if was_asked_for => stale::refused(&error),
                Err(_) => {}
            }
            if self.is_old.get_value() {
                self.read(false);
            }
        });
    }

    fn show(self, page: &ListPage) {
        fill(TABS, &page.tabs);
        fill(CONTENT, &page.content);
        self.selection.show();
        announce(SHOWN);
    }
}

fn mark_slow(is_slow: bool) {
    if let Some(content) = find::<Element>(&format!("#{CONTENT}")) {
        _ = content.class_list().toggle_with_force("loading", is_slow);
    }
}
