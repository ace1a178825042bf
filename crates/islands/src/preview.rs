//! The mail of an invite as the invitee will see it, before anything is sent. While it is open, it follows what is
//! filled in. Its place is on the page already, empty and hidden, so that the browser has to draw nothing. The letter
//! itself is a document with a policy of its own, in a frame that the form is posted into.

use crate::{dom::posted, problem::Problem, turns::Turns, typed::settled};
use leptos::{
    either::Either,
    prelude::*,
    wasm_bindgen::{JsCast, prelude::Closure},
    web_sys::{self, Element, Event, HtmlElement},
};
use std::time::Duration;
use vestibule_functions::{
    FunctionError,
    preview::{MailPreview, preview},
};
use web_sys::{EventTarget, HtmlFormElement, KeyboardEvent};

/// The ids of the elements on the page.
pub const BUTTON: &str = "preview-button";
pub const PANEL: &str = "preview";
pub const CLOSE: &str = "preview-close";
pub const LETTER: &str = "preview-letter";
pub const FROM: &str = "preview-from";
pub const TO: &str = "preview-to";
pub const SUBJECT: &str = "preview-subject";
pub const PREHEADER: &str = "preview-preheader";
pub const TEXT: &str = "preview-text";
/// The name of the frame, which is also the target of a form that is for the frame.
pub const FRAME: &str = "mail-preview";
/// What the frame is, to those who can't see it.
pub const FRAME_TITLE: &str = "The mail as the invitee will see it";
/// What a frame with a letter may do.
pub const SANDBOX: &str = "allow-popups allow-popups-to-escape-sandbox";

/// The pause after which typing counts as finished.
const SETTLED: Duration = Duration::from_millis(500);

/// The island's state.
#[derive(Clone, Copy)]
struct Preview {
    slug: StoredValue<String>,
    /// What the form holds, as it would be posted.
    form: RwSignal<String>,
    /// What is wrong with the mail, empty if nothing is; or why there is none.
    said: RwSignal<Option<Result<String, FunctionError>>>,
    turns: Turns,
}

/// What is wrong with the mail. With it, the button opens the preview beside the form, and not on a page of its own.
#[island]
pub fn PreviewNote(slug: String) -> impl IntoView {
    let preview = Preview {
        slug: StoredValue::new(slug),
        form: RwSignal::new(String::new()),
        said: RwSignal::new(None),
        turns: Turns::new(),
    };
    let settled = settled(preview.form, SETTLED);
    Effect::new(move || preview.ask(settled.get()));
    Effect::new(move || preview.listen());
    let words = move || match preview.said.get() {
        None => Either::Left("One moment…".to_owned()),
        Some(Ok(warning)) => Either::Left(warning),
        Some(Err(error)) => Either::Right(view! { <Problem error/> }),
    };
    view! { <p class="preview__note" role="status">{words}</p> }
}

impl Preview {
    /// Listens for as long as the page is there.
    fn listen(self) {
        let on = Closure::<dyn FnMut(Event)>::new(move |event: Event| self.hear(&event));
        let target: &EventTarget = &window();
        for name in ["click", "input", "keydown"] {
            _ = target.add_event_listener_with_callback(name, on.as_ref().unchecked_ref());
        }
        on.forget();
    }

    fn hear(self, event: &Event) {
        let at = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_in = |id: &str| at.as_ref().is_some_and(|at| is_within(at, id));
        match event.type_().as_str() {
            "click" if is_in(BUTTON) => {
                event.prevent_default();
                self.open();
            }
            "click" if is_in(CLOSE) => close(),
            "keydown" if is_escape(event) && is_open() => close(),
            "input" if is_colour(at.as_ref()) => self.show_letter(),
            // how wide the frame is, the style sheet knows
            "input" if is_open() && !is_in(PANEL) => self.form.set(filled_in()),
            _ => {}
        }
    }

    fn open(self) {
        if let Some(panel) = element(PANEL) {
            panel.set_hidden(false);
            _ = panel.focus();
            self.ask(filled_in());
        }
    }

    fn ask(self, form: String) {
        // nothing was filled in while it was open
        if form.is_empty() || !is_open() {
            return;
        }
        let turn = self.turns.next();
        leptos::task::spawn_local(async move {
            let answer = preview(self.slug.get_value(), form).await;
            if self.turns.is_current(turn) && is_open() {
                self.said.set(Some(answer.map(|mail| self.show(mail))));
            }
        });
    }

    /// Shows the mail. Returns what is wrong with it.
    fn show(self, mail: MailPreview) -> String {
        let MailPreview { from, to, subject, preheader, text, warning } = mail;
        for (id, text) in [(FROM, from), (TO, to), (SUBJECT, subject), (PREHEADER, preheader), (TEXT, text)] {
            if let Some(element) = element(id) {
                element.set_text_content(Some(&text));
            }
        }
        self.show_letter();
        warning
    }

    /// Posts the form into a new frame: one that was there already would add to the tab's history.
    fn show_letter(self) {
        let (Some(place), Some(form)) = (element(LETTER), form()) else { return };
        let Ok(frame) = document().create_element("iframe") else { return };
        for (name, value) in
            [("name", FRAME), ("class", "preview__frame"), ("title", FRAME_TITLE), ("sandbox", SANDBOX)]
        {
            _ = frame.set_attribute(name, value);
        }
        place.replace_children_with_node_1(&frame);
        let chosen = document().query_selector("[name=scheme]:checked").ok().flatten();
        let scheme = chosen.and_then(|chosen| chosen.get_attribute("value")).unwrap_or_default();
        let action = form.get_attribute("action").unwrap_or_default();
        _ = form.set_attribute("action", &self.slug.with_value(|slug| letter_path(slug, &scheme)));
        form.set_target(FRAME);
        // unlike a press on a button, this is no event for others
        _ = form.submit();
        form.set_target("");
        _ = form.set_attribute("action", &action);
    }
}

/// Returns the path that answers a form of an invite with the letter, in these colours.
pub fn letter_path(slug: &str, scheme: &str) -> String {
    ["/o/", slug, "/invitations/preview/letter?scheme=", scheme].concat()
}

/// Closes. The focus returns to the button, unless somebody is filling in the form.
fn close() {
    let focused = document().active_element();
    let is_elsewhere =
        focused.is_some_and(|at| at.matches("input, textarea, select") == Ok(true) && !is_within(&at, PANEL));
    if let Some(panel) = element(PANEL) {
        panel.set_hidden(true);
    }
    if let Some(button) = element(BUTTON).filter(|_| !is_elsewhere) {
        _ = button.focus();
    }
}

fn is_open() -> bool {
    element(PANEL).is_some_and(|panel| !panel.hidden())
}

fn is_colour(at: Option<&Element>) -> bool {
    at.is_some_and(|at| at.matches("[name=scheme]") == Ok(true))
}

/// Checks whether this is Escape, and the list of shortcuts doesn't close with it.
fn is_escape(event: &Event) -> bool {
    let is_key = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
    is_key && matches!(document().query_selector("dialog[open]"), Ok(None))
}

fn is_within(at: &Element, id: &str) -> bool {
    matches!(at.closest(&["#", id].concat()), Ok(Some(_)))
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

fn form() -> Option<HtmlFormElement> {
    element(BUTTON)?.closest("form").ok()??.dyn_into().ok()
}

/// Returns what the form holds.
fn filled_in() -> String {
    form().map(|form| posted(&form)).unwrap_or_default()
}
