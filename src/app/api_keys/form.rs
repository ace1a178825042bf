//! The form for a key, for any of the APIs.

use crate::app::{
    component::{FormPanel, Glyph, Icon, Permissions, TextField, field::FieldError},
    form::{Draft, Several, Typed, fields},
    portal_context::use_portal_frame,
};
use chrono::Duration;
use leptos::prelude::*;
use vestibule_core::service::NewApiKey;
use vestibule_domain::{Instant, Name, Permission, Surface};

fields! {
    pub struct KeyForm {
        name: Typed,
        permissions: Several<Permission>,
        /// Empty if the key does not expire.
        expires_in_days: Typed<i64>,
    }
}

/// The permissions that most programs need.
const USUAL: [Permission; 3] = [Permission::OrganizationRead, Permission::UserRead, Permission::UserInvite];

impl KeyForm {
    /// The fields that show their errors.
    pub const SHOWN: &'static [&'static str] = &[Self::name().name, Self::permissions().name];

    /// Returns the form's initial values.
    pub fn usual(name: &str) -> Self {
        let permissions = USUAL.map(Permission::as_str).into_iter().collect();
        Self { name: name.into(), permissions, ..Self::default() }
    }

    /// Returns the key that the form describes.
    pub fn new_api_key(&self, surface: Surface, now: Instant) -> NewApiKey {
        let days = self.expires_in_days.read();
        NewApiKey {
            surface,
            name: self.name.text().to_owned(),
            permissions: self.permissions.read(),
            expires_at: days.map(|days| now + Duration::days(days.clamp(1, 3_650))),
        }
    }
}

/// The form. `title` is for pages that show more than the form.
#[component]
pub fn KeyFields(
    action: String,
    cancel: String,
    draft: Draft<KeyForm>,
    #[prop(optional)] title: Option<&'static str>,
) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    let permissions = KeyForm::permissions().name;
    let icon = || view! { <Icon glyph=Glyph::Key/> };
    view! {
        <FormPanel action cancel title icon verb="Create key" busy="Creating…">
            <TextField
                input=draft.input(KeyForm::name())
                label="Name"
                hint="The program that will use it, to tell keys apart."
                maxlength=MAX
                autocomplete="off"
            />
            <Permissions
                name=permissions
                held=use_portal_frame().permissions.clone()
                chosen=draft.form.permissions.read()
                hint="You can only grant permissions that you have. The key can’t give a role that allows more than this."
                error=draft.error(permissions)
            />
            <End chosen=draft.form.expires_in_days.text().to_owned() error=draft.error("expires_at")/>
        </FormPanel>
    }
    .into_any()
}

#[component]
fn End(chosen: String, error: Option<String>) -> impl IntoView {
    let name = KeyForm::expires_in_days().name;
    let ends = [("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")];
    let options = ends
        .map(|(value, words)| view! { <option value=value selected=value == chosen>{words}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for=name>"Expires"</label>
            <select class="field__input" id=name name=name>{options}</select>
            <FieldError name error/>
        </div>
    }
}
