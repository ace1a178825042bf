//! Boxes to tick. Many of them scroll in a box of their own, those that are ticked first, and scripts find some by name
//! (`crates/islands/src/choice_grid.rs`).

use leptos::prelude::*;
use vestibule_domain::number::grouped;

/// The most choices that are shown all at once, and without a search.
const FEW: usize = 9;

/// One box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub note: Option<String>,
    pub is_ticked: bool,
    /// Whether it can't be changed. Browsers don't send such a box.
    pub is_fixed: bool,
}

/// The boxes of the field `name`. `one` is what each of them is, like `role`.
#[component]
pub fn Choices(name: &'static str, one: &'static str, mut choices: Vec<Choice>) -> impl IntoView {
    let is_many = choices.len() > FEW;
    if is_many {
        choices.sort_by_key(|choice| !choice.is_ticked);
    }
    let find = is_many.then(|| {
        let ticked = choices.iter().filter(|choice| choice.is_ticked).count();
        view! { <Find one ticked total=choices.len()/> }
    });
    let class = if is_many { "choices choices--many" } else { "choices" };
    let choices: Vec<_> = choices.into_iter().map(|choice| view! { <Ticked name choice/> }).collect();
    view! {
        <div class="choice-grid">
            {find}
            <div class=class>{choices}</div>
        </div>
    }
    .into_any()
}

/// The search for a choice by its name, and how many are ticked, in sight or not.
#[component]
fn Find(one: &'static str, ticked: usize, total: usize) -> impl IntoView {
    let label = format!("Find a {one}");
    view! {
        <div class="choice-grid__head">
            <input
                class="field__input"
                type="search"
                placeholder=label.clone()
                aria-label=label
                autocomplete="off"
                spellcheck="false"
                data-finds
            />
            <p class="choice-grid__count" role="status">
                <span data-ticked>{grouped(ticked as u64)}</span>
                {format!(" of {} chosen", grouped(total as u64))}
                <span data-found-none hidden>{format!(". No {one} matches.")}</span>
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn Ticked(name: &'static str, choice: Choice) -> impl IntoView {
    let Choice { value, label, note, is_ticked, is_fixed } = choice;
    let note_id = note.is_some().then(|| format!("note-{value}"));
    let note = note.zip(note_id.clone()).map(|(note, id)| view! { <span class="choice__note" id=id>{note}</span> });
    view! {
        <label class="choice">
            <input
                type="checkbox"
                name=name
                value=value
                checked=is_ticked
                disabled=is_fixed
                aria-describedby=note_id.filter(|_| is_fixed)
            />
            <span><bdi>{label}</bdi></span>
            {note}
        </label>
    }
    .into_any()
}
