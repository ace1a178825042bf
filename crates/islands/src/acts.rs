//! What is done to invitations in place, and taken back. A form or a link with `data-act` says what it does; with
//! `data-id` it is about one invitation, without one about those that are ticked in its form. Without scripts, they are
//! ordinary forms and links. Editing opens a dialog, whose form the server writes.

use crate::{
    CHANGED, SHOWN, announce, choice_grid,
    dom::{find, posted, target},
    links::clicked,
    patience::PATIENCE,
    problem::Problem,
    turns::Turns,
};
use leptos::{
    either::EitherOf3,
    ev,
    prelude::*,
    wasm_bindgen::{JsCast, prelude::Closure},
    web_sys::{self, Element, Event},
};
use std::time::Duration;
use vestibule_domain::{ActId, InvitationId};
use vestibule_functions::{
    FunctionError,
    changes::{Done, edit, edit_form, resend, revoke, undo},
};
use web_sys::{HtmlDialogElement, HtmlElement, HtmlFormElement, SubmitEvent};

/// The time in which an act can be taken back.
const UNDOABLE: Duration = Duration::from_secs(10);
/// The time for which everything else is shown.
const STAYS: Duration = Duration::from_secs(6);

enum Act {
    /// Opens the dialog.
    Edit(Vec<InvitationId>),
    /// Saves what the dialog's form holds.
    Save(String),
    Resend(Vec<InvitationId>),
    Revoke(Vec<InvitationId>),
    Undo(ActId),
}

impl Act {
    /// Checks whether nothing is ticked that it could be done to.
    fn is_to_none(&self) -> bool {
        matches!(self, Self::Edit(ids) | Self::Resend(ids) | Self::Revoke(ids) if ids.is_empty())
    }
}

/// The ids of the dialog and of the element that its content is put into.
const DIALOG: &str = "editing";
const CONTENT: &str = "editing-content";
/// What closes the dialog.
const CLOSES: &str = "#editing [data-closes]";
/// The list, whose rows are ticked.
const LIST: &str = "form.list";

#[derive(Clone)]
enum Said {
    Working(&'static str),
    Done(Done),
    Problem(FunctionError),
}

/// The island's state.
#[derive(Clone, Copy)]
struct Acts {
    slug: StoredValue<String>,
    said: RwSignal<Option<Said>>,
    /// What is shown of an earlier act is replaced.
    turns: Turns,
    is_busy: StoredValue<bool>,
    /// Whether the dialog is open. What is said is then said in it.
    is_editing: RwSignal<bool>,
}

/// Does what a person chose, and says what was done, with a button that takes it back.
#[island]
pub fn Acting(slug: String) -> impl IntoView {
    let acts = Acts {
        slug: StoredValue::new(slug),
        said: RwSignal::new(None),
        turns: Turns::new(),
        is_busy: StoredValue::new(false),
        is_editing: RwSignal::new(false),
    };
    Effect::new(move || listen(acts));
    let said = move |in_dialog| {
        move || {
            let said = acts.said.get().filter(|_| acts.is_editing.get() == in_dialog);
            said.map(|said| view! { <Saying said acts/> })
        }
    };
    view! {
        <dialog class="dialog dialog--form" id=DIALOG aria-labelledby="editing-title">
            <div class="dialog__said" role="status">{said(true)}</div>
            <div class="dialog__content" id=CONTENT tabindex="-1"></div>
        </dialog>
        <div class="acts" role="status">{said(false)}</div>
    }
}

#[component]
fn Saying(said: Said, acts: Acts) -> impl IntoView {
    let (words, act) = match said {
        Said::Working(words) => (EitherOf3::A(view! { <span>{words}</span> }), None),
        Said::Problem(error) => (EitherOf3::B(view! { <Problem error/> }), None),
        Said::Done(Done { title, text, act }) => {
            (EitherOf3::C(view! { <span><strong>{title}</strong> " " {text}</span> }), act)
        }
    };
    let undo = act.map(|act| {
        let undo = move |_: ev::MouseEvent| acts.begin(Act::Undo(act));
        view! { <button class="button button--link" type="button" data-key="z" on:click=undo>"Undo"</button> }
    });
    view! { <div class="toast">{words}{undo}</div> }
}

impl Acts {
    fn begin(self, act: Act) {
        if self.is_busy.get_value() || act.is_to_none() {
            return;
        }
        self.is_busy.set_value(true);
        let (turn, words) = (self.turns.next(), working(&act));
        let mention = move || {
            if self.is_busy.get_value() && self.turns.is_current(turn) {
                self.said.set(Some(Said::Working(words)));
            }
        };
        set_timeout(mention, PATIENCE);
        leptos::task::spawn_local(async move {
            // boxed, as the compiler gives up on types as deep as this one
            let done = Box::pin(self.done(act)).await;
            self.is_busy.set_value(false);
            if let Some(done) = done.transpose() {
                self.say(done);
            }
        });
    }

    /// Asks the server. Returns `None` if there is nothing to say.
    async fn done(self, act: Act) -> Result<Option<Done>, FunctionError> {
        let slug = self.slug.get_value();
        let done = match act {
            Act::Edit(ids) => {
                self.open(&edit_form(slug, ids).await?);
                return Ok(None);
            }
            Act::Save(form) => {
                let saved = edit(slug, form).await?;
                self.close();
                saved
            }
            Act::Resend(ids) => resend(slug, ids).await?,
            Act::Revoke(ids) => revoke(slug, ids).await?,
            Act::Undo(act) => undo(slug, act).await?,
        };
        Ok(Some(done))
    }

    /// Opens the dialog with this content.
    fn open(self, content: &str) {
        let (Some(dialog), Some(place)) = (dialog(), find::<HtmlElement>(&["#", CONTENT].concat())) else { return };
        place.set_inner_html(content);
        self.said.set(None);
        self.is_editing.set(true);
        _ = dialog.show_modal();
        // the browser would choose the first field, and a phone cover half of the dialog with its keyboard
        _ = place.focus();
        choice_grid::listen();
        announce(SHOWN);
    }

    /// Closes the dialog once its form was saved. What was selected for it is done with.
    fn close(self) {
        if let Some(list) = find::<HtmlFormElement>(LIST).filter(|_| self.is_editing.get_untracked()) {
            list.reset();
        }
        if let Some(dialog) = dialog() {
            dialog.close();
        }
        self.is_editing.set(false);
    }

    /// Follows the dialog when a person closes it.
    fn closed(self) {
        self.is_editing.set(false);
        if matches!(self.said.get_untracked(), Some(Said::Problem(_))) {
            self.said.set(None);
        }
    }

    /// Shows what was done for as long as it can be undone. A problem stays, because it asks for something.
    fn say(self, done: Result<Done, FunctionError>) {
        let turn = self.turns.next();
        let stays = match &done {
            Ok(Done { act: Some(_), .. }) => Some(UNDOABLE),
            Ok(_) => Some(STAYS),
            Err(_) => None,
        };
        // a refusal usually means that this page is old, but who is signed out can't read it again
        if done.as_ref().err().is_none_or(|error| !error.is_signed_out()) {
            announce(CHANGED);
        }
        self.said.set(Some(done.map_or_else(Said::Problem, Said::Done)));
        let forget = move || {
            if self.turns.is_current(turn) {
                self.said.set(None);
            }
        };
        if let Some(stays) = stays {
            set_timeout(forget, stays);
        }
    }
}

fn working(act: &Act) -> &'static str {
    match act {
        Act::Edit(_) => "Opening…",
        Act::Save(_) => "Saving…",
        Act::Resend(_) => "Resending…",
        Act::Revoke(_) => "Revoking…",
        Act::Undo(_) => "Undoing…",
    }
}

fn dialog() -> Option<HtmlDialogElement> {
    find(&["#", DIALOG].concat())
}

/// Listens before everybody else, so that no form shows that it is being sent; and on the way down, as the end of a
/// dialog is told to nobody above it.
fn listen(acts: Acts) {
    let on = move |event: Event| {
        if target::<Element>(&event, CLOSES).is_some() {
            return dialog().iter().for_each(HtmlDialogElement::close);
        }
        if event.type_() == "close" {
            if target::<HtmlDialogElement>(&event, "dialog") == dialog() {
                acts.closed();
            }
            return;
        }
        let Some(chosen) = chosen(&event) else { return };
        let Some(act) = wanted(&chosen) else { return };
        event.prevent_default();
        if !matches!(act, Act::Edit(_)) {
            settle(&chosen);
        }
        acts.begin(act);
    };
    let on = Closure::<dyn FnMut(Event)>::new(on);
    for name in ["submit", "click", "close"] {
        let target: &web_sys::EventTarget = &document();
        _ = target.add_event_listener_with_callback_and_bool(name, on.as_ref().unchecked_ref(), true);
    }
    // for as long as the page is there
    on.forget();
}

/// Clears what was ticked in a list, and removes the notice that offered to undo.
fn settle(chosen: &Element) {
    let closest = |selector| chosen.closest(selector).ok().flatten();
    if let Some(notice) = closest(".flash") {
        notice.remove();
    }
    if let Some(list) = closest(LIST).and_then(|list| list.dyn_into::<HtmlFormElement>().ok()) {
        list.reset();
    }
}

/// Returns the element that says what to do: a link that is clicked, or the button or form that is submitted.
fn chosen(event: &Event) -> Option<Element> {
    let with_act = |element: Element| element.closest("[data-act]").ok().flatten();
    match event.dyn_ref::<SubmitEvent>() {
        Some(submit) => {
            let form = || event.target().and_then(|form| form.dyn_into::<Element>().ok());
            submit.submitter().map(Into::into).and_then(with_act).or_else(|| form().and_then(with_act))
        }
        None => {
            let click = event.dyn_ref::<ev::MouseEvent>()?;
            clicked(click, "a[data-act]")
        }
    }
}

/// Returns what to do, if it is something for here.
fn wanted(chosen: &Element) -> Option<Act> {
    let (act, id) = (chosen.get_attribute("data-act")?, chosen.get_attribute("data-id"));
    match (act.as_str(), id) {
        ("undo", id) => Some(Act::Undo(id?.parse().ok()?)),
        ("save", _) => chosen.dyn_ref().map(|form| Act::Save(posted(form))),
        (_, Some(id)) => to_do(&act, vec![id.parse().ok()?]),
        (_, None) => to_do(&act, ticked(&chosen.closest("form").ok()??)),
    }
}

fn to_do(act: &str, ids: Vec<InvitationId>) -> Option<Act> {
    let act: fn(_) -> Act = match act {
        "edit" => Act::Edit,
        "resend" => Act::Resend,
        "revoke" => Act::Revoke,
        _ => return None,
    };
    Some(act(ids))
}

fn ticked(form: &Element) -> Vec<InvitationId> {
    let Ok(boxes) = form.query_selector_all("tbody input:checked, input[type=hidden][name=id]") else {
        return Vec::new();
    };
    let value = |index| boxes.item(index)?.dyn_into::<Element>().ok()?.get_attribute("value")?.parse().ok();
    (0..boxes.length()).filter_map(value).collect()
}
