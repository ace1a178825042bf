//! The search palette: one field for people, invitations, pages and actions, which `Ctrl K` opens on every page of the
//! portal. The server writes the dialog (`src/app/layout/palette.rs`). Without scripts, the link to the search leads to a
//! page that finds the same.
//!
//! The rows are made by hand and not by `view!`, which would make this three times as large.

use crate::{Glyph, links::clicked, patience::PATIENCE, plural};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
    wasm_bindgen::{JsCast, prelude::Closure},
    web_sys::{Element, Event, EventTarget, HtmlDialogElement, HtmlElement, HtmlInputElement},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use vestibule_functions::{
    FunctionError,
    search::{Found, find},
};
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// The `id` of the dialog, and the beginning of those of its parts.
const PALETTE: &str = "palette";
/// The pause after which typing counts as finished.
const SETTLED: Duration = Duration::from_millis(150);
const ROW: &str = "[role=option]";

/// Runs the palette of the page.
#[island]
pub fn Palette(slug: String) -> impl IntoView {
    Effect::new(move || {
        if let Some(state) = State::new(slug.clone()) {
            Rc::new(state).listen();
        }
    });
}

/// The parts of the dialog, and what is typed.
struct State {
    slug: String,
    dialog: HtmlDialogElement,
    field: HtmlInputElement,
    list: Element,
    /// What is said of the search.
    words: Element,
    /// The template of what is said to who is signed out.
    signed_out: Element,
    /// The text that the results are about, if that is what is typed.
    about: RefCell<Option<String>>,
    /// The number of the chosen row.
    at: Cell<usize>,
    /// The number of the latest search; answers to earlier ones are dropped.
    turn: Cell<u32>,
    waiting: Cell<Option<TimeoutHandle>>,
}

impl State {
    fn new(slug: String) -> Option<Self> {
        Some(Self {
            slug,
            dialog: part("")?.dyn_into().ok()?,
            field: part("-field")?.dyn_into().ok()?,
            list: part("-list")?,
            words: part("-words")?,
            signed_out: part("-signed-out")?,
            about: RefCell::default(),
            at: Cell::default(),
            turn: Cell::default(),
            waiting: Cell::default(),
        })
    }

    fn listen(self: Rc<Self>) {
        // not `FnMut`: Enter clicks a row, and the click is heard before the key is done
        let on = Closure::<dyn Fn(Event)>::new(move |event: Event| self.hear(&event));
        for name in ["click", "close", "input", "keydown", "mousemove", "submit"] {
            let target: &EventTarget = &document();
            // on the way down, as the end of a dialog is told to nobody above it
            _ = target.add_event_listener_with_callback_and_bool(name, on.as_ref().unchecked_ref(), true);
        }
        // for as long as the page is there
        on.forget();
    }

    fn hear(self: &Rc<Self>, event: &Event) {
        match event.dyn_ref::<KeyboardEvent>() {
            Some(key) => self.press(key),
            None => self.point(event),
        }
    }

    fn press(self: &Rc<Self>, key: &KeyboardEvent) {
        let is_bare = !(key.ctrl_key() || key.meta_key() || key.alt_key() || key.shift_key());
        let is_command = key.ctrl_key() != key.meta_key() && !key.alt_key() && !key.shift_key();
        let (at, last) = (self.at.get(), self.rows().len().saturating_sub(1));
        let to = match key.key().as_str() {
            "k" | "K" if is_command => return self.open(key),
            _ if !is_bare || target(key) != Some(self.field.clone().into()) => return,
            "ArrowDown" if at < last => at + 1,
            "ArrowDown" | "Home" => 0,
            "ArrowUp" if at > 0 => at - 1,
            "ArrowUp" | "End" => last,
            _ => return,
        };
        key.prevent_default();
        self.choose(to);
    }

    fn point(self: &Rc<Self>, event: &Event) {
        if let Some(link) = chosen(event, "a[data-palette]") {
            close_menu(&link);
            return self.open(event);
        }
        let Some(target) = target(event).filter(|target| self.dialog.contains(Some(target))) else { return };
        match event.type_().as_str() {
            "close" => self.reset(),
            "input" => self.type_on(),
            "submit" => self.go(event),
            "mousemove" => {
                let row = target.closest(ROW).ok().flatten();
                let at = self.rows().iter().position(|one| row.as_ref() == Some(one));
                if let Some(at) = at.filter(|at| *at != self.at.get()) {
                    self.choose(at);
                }
            }
            // beside the dialog, on its button, or on a row that opens here
            _ if target.id() == PALETTE || target.has_attribute("data-closes") || chosen(event, ROW).is_some() => {
                self.dialog.close();
            }
            _ => {}
        }
    }

    fn open(self: &Rc<Self>, event: &Event) {
        event.prevent_default();
        if !self.dialog.open() && self.dialog.show_modal().is_ok() {
            self.search();
        }
        _ = self.field.focus();
        self.field.select();
    }

    /// Forgets everything. The browser returns the focus to where it was.
    fn reset(&self) {
        self.next_turn();
        self.field.set_value("");
        self.about.replace(None);
        self.show(Ok(&[]), "");
    }

    /// Searches after a pause. Until there is an answer nothing is chosen, as it may be another row at any moment.
    fn type_on(self: &Rc<Self>) {
        self.next_turn();
        self.about.replace(None);
        self.choose(0);
        let state = Rc::clone(self);
        self.waiting.set(set_timeout_with_handle(move || state.search(), SETTLED).ok());
    }

    fn search(self: &Rc<Self>) {
        let (state, turn, text) = (Rc::clone(self), self.next_turn(), self.field.value());
        let mention = move || {
            if state.turn.get() == turn && state.about.borrow().is_none() {
                state.say("Searching…");
            }
        };
        set_timeout(mention, PATIENCE);
        let state = Rc::clone(self);
        leptos::task::spawn_local(async move {
            let answer = find(state.slug.clone(), text.clone()).await;
            if state.turn.get() == turn {
                state.about.replace(Some(text.clone()));
                state.show(answer.as_deref(), text.trim());
            }
        });
    }

    /// Starts the next search, or the wait for it, in place of the one that there is.
    fn next_turn(&self) -> u32 {
        if let Some(waiting) = self.waiting.take() {
            waiting.clear();
        }
        self.turn.set(self.turn.get() + 1);
        self.turn.get()
    }

    fn show(&self, answer: Result<&[Found], &FunctionError>, text: &str) {
        self.list.set_text_content(None);
        let words = match answer {
            Ok(found) => {
                for group in found.chunk_by(|one, next| one.group == next.group) {
                    _ = self.list.append_child(&listed(group));
                }
                match found.len() {
                    0 if text.is_empty() => String::new(),
                    0 => format!("Nothing found for “{text}”. Try a part of a name or of an address."),
                    count => plural(count as u64, "result", "results"),
                }
            }
            Err(error) => format!("{}. {}", error.title, error.sentence),
        };
        match answer.is_err_and(FunctionError::is_signed_out) {
            true => self.words.set_inner_html(&self.signed_out.inner_html()),
            false => self.say(&words),
        }
        for (at, row) in self.rows().iter().enumerate() {
            row.set_id(&format!("{PALETTE}-{at}"));
        }
        self.choose(0);
    }

    fn say(&self, words: &str) {
        self.words.set_text_content(Some(words));
    }

    /// Marks the row that Enter opens, if the results are about what is typed.
    fn choose(&self, at: usize) {
        self.at.set(at);
        let rows = self.rows();
        let chosen = rows.get(at).filter(|_| self.about.borrow().is_some());
        for row in &rows {
            set(row, "aria-selected", if Some(row) == chosen { "true" } else { "false" });
        }
        set(&self.field, "aria-expanded", if rows.is_empty() { "false" } else { "true" });
        set(&self.field, "aria-activedescendant", &chosen.map(Element::id).unwrap_or_default());
        if let Some(row) = chosen {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// Opens the chosen row. Without one the form is sent, and its page finds the same.
    fn go(&self, event: &Event) {
        let row = self.list.query_selector("[aria-selected=true]").ok().flatten();
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            event.prevent_default();
            row.click();
        }
    }

    fn rows(&self) -> Vec<Element> {
        let Ok(rows) = self.list.query_selector_all(ROW) else { return Vec::new() };
        (0..rows.length()).filter_map(|at| rows.item(at)?.dyn_into().ok()).collect()
    }
}

/// Returns the rows of a group, below its name.
fn listed(group: &[Found]) -> Element {
    let name = group.first().map_or("", |found| &found.group);
    let listed = element("div", "");
    set(&listed, "role", "group");
    set(&listed, "aria-label", name);
    let heading = element("p", "palette__group");
    set(&heading, "aria-hidden", "true");
    heading.set_text_content(Some(name));
    _ = listed.append_child(&heading);
    for found in group {
        let row = element("a", "palette__row");
        set(&row, "role", "option");
        set(&row, "tabindex", "-1");
        set(&row, "href", &found.href);
        row.set_inner_html(&Glyph::named(&found.glyph).svg());
        for (class, text) in [("palette__title", &found.title), ("palette__note", &found.note)] {
            let words = element("bdi", class);
            words.set_text_content(Some(text));
            _ = row.append_child(&words);
        }
        _ = listed.append_child(&row);
    }
    listed
}

fn element(tag: &str, class: &str) -> Element {
    let element = document().create_element(tag).expect("the name of an element");
    element.set_class_name(class);
    element
}

fn set(element: &Element, name: &str, value: &str) {
    _ = element.set_attribute(name, value);
}

fn part(name: &str) -> Option<Element> {
    document().get_element_by_id(&format!("{PALETTE}{name}"))
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Returns the link that is clicked, if it is one of these and is to open in place.
fn chosen(event: &Event, links: &str) -> Option<Element> {
    clicked(event.dyn_ref::<MouseEvent>().filter(|_| event.type_() == "click")?, links)
}

/// Closes the menu that the link is in, so that the focus returns to what opened the menu.
fn close_menu(link: &Element) {
    let Some(menu) = link.closest("details.menu[open]").ok().flatten() else { return };
    _ = menu.remove_attribute("open");
    let summary = menu.query_selector("summary").ok().flatten();
    if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
        _ = summary.focus();
    }
}
