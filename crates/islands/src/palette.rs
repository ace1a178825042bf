//! The search palette: one field for people, invitations, pages and actions, which `Ctrl K` opens on every page of the
//! portal. Without scripts, the link to it leads to a page with the same search.

use crate::{Glyph, Icon, acts::clicked, plural, problem::Problem, typed::settled};
use leptos::{
    ev,
    html::{Dialog, Input},
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};
use std::time::Duration;
use vestibule_domain::bounds::MAX_SEARCH_CHARS;
use vestibule_functions::{
    FunctionError,
    search::{Found, find},
};
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// The pause after which typing counts as finished.
const SETTLED: Duration = Duration::from_millis(150);
/// The time after which a search that goes on is mentioned.
const PATIENCE: Duration = Duration::from_millis(400);
const LIST: &str = "palette-list";
/// Links that open the palette.
const OPENERS: &str = "a[data-palette]";

/// The island's state.
#[derive(Clone, Copy)]
struct State {
    slug: StoredValue<String>,
    dialog: NodeRef<Dialog>,
    field: NodeRef<Input>,
    is_open: RwSignal<bool>,
    text: RwSignal<String>,
    /// The text that was searched for, and the answer.
    answer: RwSignal<Option<(String, Result<Vec<Found>, FunctionError>)>>,
    /// The number of the chosen result.
    at: RwSignal<usize>,
    is_slow: RwSignal<bool>,
    /// The number of the latest search; answers to earlier ones are dropped.
    turn: StoredValue<u32>,
}

#[island]
pub fn Palette(slug: String) -> impl IntoView {
    let page = format!("/o/{slug}/search");
    let state = State {
        slug: StoredValue::new(slug),
        dialog: NodeRef::new(),
        field: NodeRef::new(),
        is_open: RwSignal::new(false),
        text: RwSignal::new(String::new()),
        answer: RwSignal::new(None),
        at: RwSignal::new(0),
        is_slow: RwSignal::new(false),
        turn: StoredValue::new(0),
    };
    state.follow();
    view! {
        <dialog
            class="palette"
            aria-label="Search"
            node_ref=state.dialog
            on:close=move |_| state.reset()
            on:click=move |click| state.leave(&click)
        >
            <form class="palette__head" method="get" action=page on:submit=move |event| state.go(&event)>
                <Icon glyph=Glyph::Search/>
                <input
                    class="palette__field"
                    type="text"
                    name="q"
                    maxlength=MAX_SEARCH_CHARS.to_string()
                    placeholder="Search people, pages and actions"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    role="combobox"
                    aria-label="Search people, pages and actions"
                    aria-autocomplete="list"
                    aria-controls=LIST
                    aria-expanded=move || (state.count() > 0).to_string()
                    aria-activedescendant=move || state.chosen().map(id)
                    node_ref=state.field
                    prop:value=state.text
                    on:input=move |event| state.text.set(event_target_value(&event))
                    on:keydown=move |event| state.press(&event)
                />
                <button class="button button--quiet button--small" type="button" on:click=move |_| state.close()>
                    "Close"
                </button>
            </form>
            <div class="palette__list" id=LIST role="listbox" aria-label="Results">{move || results(state)}</div>
            <p class="palette__status" role="status">{move || status(state)}</p>
        </dialog>
    }
}

fn results(state: State) -> AnyView {
    let found: Vec<(usize, Found)> = state.found().into_iter().enumerate().collect();
    let groups = found.chunk_by(|(_, one), (_, next)| one.group == next.group).map(|group| {
        let name = group.first().map(|(_, found)| found.group.clone()).unwrap_or_default();
        let heading = name.clone();
        let rows: Vec<AnyView> = group.iter().map(|(at, found)| result(state, *at, found.clone())).collect();
        view! {
            <div role="group" aria-label=name>
                <p class="palette__group" aria-hidden="true">{heading}</p>
                {rows}
            </div>
        }
        .into_any()
    });
    groups.collect::<Vec<AnyView>>().into_any()
}

fn result(state: State, at: usize, found: Found) -> AnyView {
    let Found { title, note, href, glyph, .. } = found;
    let hover = move |_| {
        if state.at.get_untracked() != at {
            state.at.set(at);
        }
    };
    view! {
        <a
            class="palette__row"
            id=id(at)
            role="option"
            tabindex="-1"
            href=href
            aria-selected=move || (state.chosen() == Some(at)).to_string()
            on:mousemove=hover
        >
            <Icon glyph=Glyph::named(&glyph)/>
            <span class="palette__title"><bdi>{title}</bdi></span>
            <span class="palette__note"><bdi>{note}</bdi></span>
        </a>
    }
    .into_any()
}

fn status(state: State) -> AnyView {
    if state.is_slow.get() {
        return "Searching…".into_any();
    }
    match state.current() {
        None => ().into_any(),
        Some(Err(error)) => view! { <Problem error/> }.into_any(),
        Some(Ok(found)) if found.is_empty() => {
            let text = state.text.get();
            format!("Nothing found for “{}”. Try a part of a name or of an address.", text.trim()).into_any()
        }
        Some(Ok(found)) => plural(found.len() as u64, "result", "results").into_any(),
    }
}

/// Returns the `id` of a result.
fn id(at: usize) -> String {
    format!("palette-{at}")
}

fn element(at: usize) -> Option<HtmlElement> {
    document().get_element_by_id(&id(at))?.dyn_into().ok()
}

impl State {
    /// Searches for what is typed while the palette is open, and listens for what opens it.
    fn follow(self) {
        let settled = settled(self.text, SETTLED);
        Effect::new(move || {
            let text = settled.get();
            if self.is_open.get() {
                self.search(text);
            }
        });
        Effect::new(move || {
            let (options, row) = (ScrollIntoViewOptions::new(), element(self.at.get()));
            options.set_block(ScrollLogicalPosition::Nearest);
            if let Some(row) = row {
                row.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
        Effect::new(move || {
            // for as long as the page is there
            _ = window_event_listener(ev::keydown, move |event| {
                let is_control = event.ctrl_key() != event.meta_key() && !event.alt_key() && !event.shift_key();
                if is_control && event.key().eq_ignore_ascii_case("k") {
                    event.prevent_default();
                    self.open();
                }
            });
            _ = window_event_listener(ev::click, move |event| {
                if let Some(link) = clicked(&event, OPENERS) {
                    event.prevent_default();
                    close_menu(&link);
                    self.open();
                }
            });
        });
    }

    fn open(self) {
        let Some(dialog) = self.dialog.get_untracked() else { return };
        if !dialog.open() && dialog.show_modal().is_ok() {
            self.is_open.set(true);
        }
        if let Some(field) = self.field.get_untracked() {
            _ = field.focus();
            field.select();
        }
    }

    /// Closes the palette. The browser returns the focus to where it was.
    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }

    fn reset(self) {
        self.next_turn();
        self.is_open.set(false);
        self.is_slow.set(false);
        self.text.set(String::new());
        self.answer.set(None);
    }

    /// Closes the palette if the click is beside it, or on a result that opens in place.
    fn leave(self, click: &ev::MouseEvent) {
        let target = click.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_beside = target.is_some_and(|target| target.tag_name() == "DIALOG");
        if is_beside || clicked(click, "[role=option]").is_some() {
            self.close();
        }
    }

    fn search(self, text: String) {
        let turn = self.next_turn();
        let mention = move || {
            if self.turn.get_value() == turn && self.current().is_none() {
                self.is_slow.set(true);
            }
        };
        set_timeout(mention, PATIENCE);
        leptos::task::spawn_local(async move {
            let answer = find(self.slug.get_value(), text.clone()).await;
            if self.turn.get_value() == turn {
                self.is_slow.set(false);
                self.at.set(0);
                self.answer.set(Some((text, answer)));
            }
        });
    }

    fn next_turn(self) -> u32 {
        self.turn.update_value(|turn| *turn += 1);
        self.turn.get_value()
    }

    /// Returns the answer if it is about what is typed now.
    fn current(self) -> Option<Result<Vec<Found>, FunctionError>> {
        let text = self.text.read();
        self.answer.read().as_ref().filter(|(about, _)| *about == *text).map(|(_, answer)| answer.clone())
    }

    /// Returns what is shown: it stays until there is something newer.
    fn found(self) -> Vec<Found> {
        self.answer.read().as_ref().and_then(|(_, answer)| answer.as_ref().ok()).cloned().unwrap_or_default()
    }

    fn count(self) -> usize {
        self.answer.read().as_ref().and_then(|(_, answer)| answer.as_ref().ok()).map_or(0, Vec::len)
    }

    /// Returns the number of the result that Enter opens. There is none while it may be another one at any moment.
    fn chosen(self) -> Option<usize> {
        let is_current = self.answer.read().as_ref().is_some_and(|(about, _)| *about == *self.text.read());
        Some(self.at.get()).filter(|at| is_current && *at < self.count())
    }

    fn press(self, event: &ev::KeyboardEvent) {
        let Some(last) = self.count().checked_sub(1) else { return };
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key() {
            return;
        }
        let at = self.at.get_untracked();
        let to = match event.key().as_str() {
            "ArrowDown" if at < last => at + 1,
            "ArrowDown" | "Home" => 0,
            "ArrowUp" if at > 0 => at - 1,
            "ArrowUp" | "End" => last,
            _ => return,
        };
        event.prevent_default();
        self.at.set(to);
    }

    /// Opens the chosen result. Without one the form is sent, and its page finds the same.
    fn go(self, event: &ev::SubmitEvent) {
        if let Some(row) = self.chosen().and_then(element) {
            event.prevent_default();
            row.click();
        }
    }
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
