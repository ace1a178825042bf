//! The form for a resource: its name and ids.

use crate::app::{
    component::{Submit, TextField},
    form::{Draft, Fields},
    version::VersionField,
};
use leptos::prelude::*;
use vestibule_domain::{Label, Name, Resource};

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: &[(&str, &str)] =
    &[("name", "The name"), ("external_id", "The external id"), ("bundle_id", "The bundle id")];

/// Returns the form filled in with the resource's values.
pub fn filled(resource: &Resource) -> Draft {
    let label = |label: &Option<Label>| label.as_ref().map_or("", Label::as_str).to_owned();
    let fields = [
        ("name", resource.name.to_string()),
        ("external_id", label(&resource.external_id)),
        ("bundle_id", label(&resource.bundle_id)),
    ];
    Draft { fields: Fields(fields.map(|(name, value)| (name.to_owned(), value)).to_vec()), violations: Vec::new() }
}

/// The form. `version` is for a resource that already exists. `children` are the button's label.
#[component]
pub fn ResourceForm(
    action: String,
    cancel: String,
    draft: Draft,
    #[prop(optional)] version: Option<String>,
    busy: &'static str,
    children: Children,
) -> impl IntoView {
    const NAME: u16 = Name::MAX_CHARS as u16;
    const LABEL: u16 = Label::MAX_CHARS as u16;
    view! {
        <form class="panel" method="post" action=action novalidate data-send>
            {version.map(|present| view! { <VersionField draft=draft.clone() present/> })}
            <div class="panel__body">
                <TextField
                    name="name"
                    label="Name"
                    hint="What people read when they choose it."
                    value=draft.text("name")
                    maxlength=NAME
                    autocomplete="off"
                    error=draft.error("name")
                />
                <TextField
                    name="external_id"
                    label="External id"
                    optional=true
                    hint="What your own programs call it. No two resources have the same."
                    value=draft.text("external_id")
                    maxlength=LABEL
                    autocomplete="off"
                    error=draft.error("external_id")
                />
                <TextField
                    name="bundle_id"
                    label="Bundle id"
                    optional=true
                    hint="For apps, like com.example.garden."
                    value=draft.text("bundle_id")
                    maxlength=LABEL
                    autocomplete="off"
                    error=draft.error("bundle_id")
                />
            </div>
            <div class="panel__foot">
                <Submit busy>{children()}</Submit>
                <a class="button button--quiet" href=cancel>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}
