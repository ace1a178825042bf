//! The fields of a webhook, for creating and editing one.

use crate::app::{
    component::{
        TextField,
        field::{FieldError, described_by},
    },
    form::Draft,
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use vestibule_domain::webhook::EndpointUrl;
use vestibule_domain::{Fact, Name};

#[component]
pub fn WebhookFields(draft: Draft) -> impl IntoView {
    const LONGEST_URL: u16 = EndpointUrl::MAX_BYTES as u16;
    const LONGEST: u16 = Name::MAX_CHARS as u16;
    let chosen: BTreeSet<String> = draft.fields.all("actions").map(str::to_owned).collect();
    let wrong = draft.violations.iter().find(|violation| violation.field.starts_with("actions"));
    view! {
        <TextField
            name="url"
            label="Address"
            kind="url"
            hint="Where your server listens, like https://app.example/webhooks."
            value=draft.text("url")
            maxlength=LONGEST_URL
            autocomplete="off"
            error=draft.error("url")
        />
        <TextField
            name="description"
            label="Description"
            optional=true
            hint="To tell webhooks apart."
            value=draft.text("description")
            maxlength=LONGEST
            autocomplete="off"
            error=draft.error("description")
        />
        <Actions chosen error=wrong.map(|violation| violation.sentence.to_string())/>
    }
}

/// All actions, grouped by the noun that they are about.
#[component]
fn Actions(chosen: BTreeSet<String>, error: Option<String>) -> impl IntoView {
    let described = described_by("actions", true, error.is_some());
    let mut nouns: Vec<&str> = Vec::new();
    for action in Fact::ACTIONS {
        let noun = action.split('.').next().unwrap_or_default();
        if !nouns.contains(&noun) {
            nouns.push(noun);
        }
    }
    let groups = nouns
        .into_iter()
        .map(|noun| {
            let choices = Fact::ACTIONS
                .into_iter()
                .filter(|action| action.split('.').next() == Some(noun))
                .map(|action| view! { <Choice action checked=chosen.contains(action)/> })
                .collect_view();
            view! {
                <fieldset class="field__group">
                    <legend class="field__hint">{words(noun)}</legend>
                    <div class="choices">{choices}</div>
                </fieldset>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field__group" id="actions" tabindex="-1" aria-describedby=described>
            <legend class="field__label">"What it hears of"</legend>
            <p class="field__hint" id="actions-hint">"Choose nothing, and it hears of everything, also of what is to come."</p>
            {groups}
            <FieldError name="actions" error/>
        </fieldset>
    }
}

#[component]
fn Choice(action: &'static str, checked: bool) -> impl IntoView {
    let word = words(action.split('.').nth(1).unwrap_or(action));
    view! {
        <label class="choice" title=action>
            <input type="checkbox" name="actions" value=action checked=checked/>
            <span>{word}</span>
        </label>
    }
}

/// Returns the name as text: `api_key` as `API key`, `delivery_failed` as `Delivery failed`.
fn words(name: &str) -> String {
    let spaced = name.replace('_', " ").replace("api ", "API ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
