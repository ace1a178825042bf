//! The fields of a webhook, for creating and editing one.

use crate::app::{
    component::{
        FormPanel, Summary, TextField,
        field::{FieldError, described_by},
    },
    etag::{ETagField, Labels},
    event_description::words,
    form::{Draft, Several, Typed, Values, fields},
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use vestibule_core::service::WebhookEndpointEdit;
use vestibule_domain::webhook::{WebhookEndpoint, WebhookUrl};
use vestibule_domain::{Fact, Name};

fields! {
    pub struct WebhookForm {
        url: Typed,
        description: Typed,
        actions: Several,
        /// Of a webhook that already exists.
        version: Typed,
    }
}

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: Labels<WebhookForm> = &[
    (WebhookForm::url(), "The address"),
    (WebhookForm::description(), "The description"),
    (WebhookForm::actions(), "The list of events"),
];

impl WebhookForm {
    /// The fields that show their errors. That of the version is a notice.
    pub const SHOWN: &'static [&'static str] =
        &[Self::url().name, Self::description().name, Self::actions().name, Self::version().name];

    /// Returns the form filled in with the webhook's values.
    pub fn filled(endpoint: &WebhookEndpoint) -> Self {
        Self {
            url: endpoint.url.as_str().into(),
            description: endpoint.description.as_ref().map_or_else(String::new, ToString::to_string).into(),
            actions: endpoint.actions.iter().cloned().collect(),
            ..Self::default()
        }
    }

    /// Returns the webhook that the form describes.
    pub fn edit(&self) -> WebhookEndpointEdit {
        WebhookEndpointEdit {
            url: Some(self.url.text().to_owned()),
            description: Some(self.description.text().to_owned()),
            actions: Some(self.actions.values()),
            enabled: None,
        }
    }
}

/// The fields. `etag` is for a webhook that already exists.
#[component]
pub fn WebhookFields(
    draft: Draft<WebhookForm>,
    action: String,
    cancel: String,
    verb: &'static str,
    busy: &'static str,
    #[prop(optional)] etag: Option<String>,
) -> impl IntoView {
    const LONGEST_URL: u16 = WebhookUrl::MAX_BYTES as u16;
    const LONGEST: u16 = Name::MAX_CHARS as u16;
    let chosen: BTreeSet<String> = draft.form.actions.read().into_iter().collect();
    // for one of them, like `actions[2]`, or for all
    let wrong = draft.violations.iter().find(|violation| violation.field.starts_with(WebhookForm::actions().name));
    let wrong = wrong.map(|violation| violation.sentence.to_string());
    view! {
        <Summary violations=draft.violations.clone() fields=WebhookForm::SHOWN/>
        <FormPanel action cancel verb busy>
            {etag.map(|present| view! { <ETagField input=draft.input(WebhookForm::version()) present/> })}
            <TextField
                input=draft.input(WebhookForm::url())
                label="URL"
                kind="url"
                hint="Where your server listens, like https://app.example/webhooks."
                maxlength=LONGEST_URL
                autocomplete="off"
            />
            <TextField
                input=draft.input(WebhookForm::description())
                label="Description"
                optional=true
                hint="To tell webhooks apart."
                maxlength=LONGEST
                autocomplete="off"
            />
            <Actions chosen error=wrong/>
        </FormPanel>
    }
    .into_any()
}

/// All actions, grouped by the noun that they are about.
#[component]
fn Actions(chosen: BTreeSet<String>, error: Option<String>) -> impl IntoView {
    let name = WebhookForm::actions().name;
    let described = described_by(name, true, error.is_some());
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
        <fieldset class="field__group" id=name tabindex="-1" aria-describedby=described>
            <legend class="field__label">"Events"</legend>
            <p class="field__hint" id=format!("{name}-hint")>"Tick none to receive all of them, including kinds added later."</p>
            {groups}
            <FieldError name error/>
        </fieldset>
    }
}

#[component]
fn Choice(action: &'static str, checked: bool) -> impl IntoView {
    let word = words(action.split('.').nth(1).unwrap_or(action));
    view! {
        <label class="choice" title=action>
            <input type="checkbox" name=WebhookForm::actions().name value=action checked=checked/>
            <span>{word}</span>
        </label>
    }
}
