//! The form for a key, for any of the APIs.

use crate::app::{
    component::{Glyph, Icon, Permissions, Submit, TextField, field::FieldError},
    form::{Draft, Fields},
    visit::use_whereabouts,
};
use chrono::Duration;
use leptos::prelude::*;
use vestibule_core::service::NewApiKey;
use vestibule_domain::{Instant, Name, Permission, Surface};

/// The permissions that most programs need.
const USUAL: [Permission; 3] = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];

/// Returns the form's initial values.
pub fn usual(name: &str) -> Draft {
    let permissions = USUAL.map(|permission| ("permissions".to_owned(), permission.as_str().to_owned()));
    let fields = [("name".to_owned(), name.to_owned())].into_iter().chain(permissions);
    Draft { fields: Fields(fields.collect()), violations: Vec::new() }
}

/// Returns the key that the form describes.
pub fn asked(fields: &Fields, surface: Surface, now: Instant) -> NewApiKey {
    let days: Option<i64> = fields.text("expires_in_days").parse().ok();
    NewApiKey {
        surface,
        name: fields.text("name").to_owned(),
        permissions: fields.parsed("permissions"),
        expires_at: days.map(|days| now + Duration::days(days.clamp(1, 3_650))),
    }
}

/// The form. `title` is for pages that show more than the form.
#[component]
pub fn KeyForm(
    action: String,
    cancel: String,
    draft: Draft,
    #[prop(optional)] title: Option<&'static str>,
) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    view! {
        <form class="panel" method="post" action=action novalidate data-send>
            {title.map(|title| view! { <div class="panel__head"><h2>{title}</h2></div> })}
            <div class="panel__body">
                <TextField
                    name="name"
                    label="Name"
                    hint="To tell keys apart: the program that will use it."
                    value=draft.text("name")
                    maxlength=MAX
                    autocomplete="off"
                    error=draft.error("name")
                />
                <Permissions
                    held=use_whereabouts().permissions
                    chosen=draft.fields.parsed("permissions")
                    hint="No more than you may yourself. It can give no role that allows more than this."
                    error=draft.error("permissions")
                />
                <End chosen=draft.text("expires_in_days") error=draft.error("expires_at")/>
            </div>
            <div class="panel__foot">
                <Submit busy="Making…">
                    <Icon glyph=Glyph::Key/>
                    "Make the key"
                </Submit>
                <a class="button button--quiet" href=cancel>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn End(chosen: String, error: Option<String>) -> impl IntoView {
    let ends = [("", "When it is revoked"), ("30", "30 days"), ("90", "90 days"), ("365", "A year")];
    let options = ends
        .map(|(value, words)| view! { <option value=value selected=value == chosen>{words}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for="expires_in_days">"Ends after"</label>
            <select class="field__input" id="expires_in_days" name="expires_in_days">{options}</select>
            <FieldError name="expires_in_days" error/>
        </div>
    }
}
