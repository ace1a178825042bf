//! What is done to invitations in place, and taken back. A form or a link with `data-act` says what it does; with
//! `data-id` it is about one invitation, without one about those that are ticked in its form. Without scripts, they are
//! ordinary forms and links.

use crate::{CHANGED, announce, links::clicked, patience::PATIENCE, problem::Problem, turns::Turns};
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
    changes::{Done, resend, revoke, undo},
};
use web_sys::{HtmlFormElement, SubmitEvent};

/// The time in which an act can be taken back.
const UNDOABLE: Duration = Duration::from_secs(10);
/// The time for which everything else is shown.
const STAYS: Duration = Duration::from_secs(6);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Resend,
    Revoke,
    Undo(ActId),
}

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
}

/// Does what a person chose, and says what was done, with a button that takes it back.
#[island]
pub fn Acting(slug: String) -> impl IntoView {
    let acts = Acts {
        slug: StoredValue::new(slug),
        said: RwSignal::new(None),
        turns: Turns::new(),
        is_busy: StoredValue::new(false),
    };
    Effect::new(move || listen(acts));
    view! { <div class="acts" role="status">{move || acts.said.get().map(|said| view! { <Saying said acts/> })}</div> }
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
        let undo = move |_: ev::MouseEvent| acts.begin(Act::Undo(act), Vec::new());
        view! { <button class="button button--link" type="button" data-key="z" on:click=undo>"Undo"</button> }
    });
    view! { <div class="toast">{words}{undo}</div> }
}

impl Acts {
    fn begin(self, act: Act, ids: Vec<InvitationId>) {
        if self.is_busy.get_value() {
            return;
        }
        self.is_busy.set_value(true);
        let turn = self.turns.next();
        let mention = move || {
            if self.is_busy.get_value() && self.turns.is_current(turn) {
                self.said.set(Some(Said::Working(working(act))));
            }
        };
        set_timeout(mention, PATIENCE);
        leptos::task::spawn_local(async move {
            let slug = self.slug.get_value();
            let done = match act {
                Act::Resend => resend(slug, ids).await,
                Act::Revoke => revoke(slug, ids).await,
                Act::Undo(act) => undo(slug, act).await,
            };
            self.is_busy.set_value(false);
            self.say(done);
        });
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

fn working(act: Act) -> &'static str {
    match act {
        Act::Resend => "Resending…",
        Act::Revoke => "Revoking…",
        Act::Undo(_) => "Undoing…",
    }
}

/// Listens before everybody else, so that no form shows that it is being sent.
fn listen(acts: Acts) {
    let on = move |event: Event| {
        let Some(chosen) = chosen(&event) else { return };
        let Some((act, ids)) = wanted(&chosen) else { return };
        event.prevent_default();
        settle(&chosen);
        acts.begin(act, ids);
    };
    let on = Closure::<dyn FnMut(Event)>::new(on);
    for name in ["submit", "click"] {
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
    if let Some(list) = closest("form.list").and_then(|list| list.dyn_into::<HtmlFormElement>().ok()) {
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

/// Returns what to do, and to which invitations. Returns `None` if none is ticked.
fn wanted(chosen: &Element) -> Option<(Act, Vec<InvitationId>)> {
    let act = match chosen.get_attribute("data-act")?.as_str() {
        "resend" => Act::Resend,
        "revoke" => Act::Revoke,
        "undo" => Act::Undo(chosen.get_attribute("data-id")?.parse().ok()?),
        _ => return None,
    };
    let ids = match (act, chosen.get_attribute("data-id")) {
        (Act::Undo(_), _) => return Some((act, Vec::new())),
        (_, Some(id)) => vec![id.parse().ok()?],
        (_, None) => ticked(&chosen.closest("form").ok()??),
    };
    (!ids.is_empty()).then_some((act, ids))
}

fn ticked(form: &Element) -> Vec<InvitationId> {
    let Ok(boxes) = form.query_selector_all("tbody input:checked, input[type=hidden][name=id]") else {
        return Vec::new();
    };
    let value = |index| boxes.item(index)?.dyn_into::<Element>().ok()?.get_attribute("value")?.parse().ok();
    (0..boxes.length()).filter_map(value).collect()
}
