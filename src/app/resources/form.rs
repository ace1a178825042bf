//! The form for a resource: its name and ids.

use crate::app::{
    component::{FormPanel, TextField},
    etag::{ETagField, Labels},
    form::{Draft, Typed, fields},
};
use leptos::prelude::*;
use vestibule_core::service::ResourceEdit;
use vestibule_domain::{Label, Name, Resource};

fields! {
    pub struct ResourceForm {
        name: Typed,
        external_id: Typed,
        bundle_id: Typed,
        /// Of a resource that already exists.
        version: Typed,
    }
}

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: Labels<ResourceForm> = &[
    (ResourceForm::name(), "The name"),
    (ResourceForm::external_id(), "The external id"),
    (ResourceForm::bundle_id(), "The bundle id"),
];

impl ResourceForm {
    /// The fields that show their errors. That of the version is a notice.
    pub const SHOWN: &'static [&'static str] =
        &[Self::name().name, Self::external_id().name, Self::bundle_id().name, Self::version().name];

    /// Returns the form filled in with the resource's values.
    pub fn filled(resource: &Resource) -> Self {
        let label = |label: &Option<Label>| label.as_ref().map_or("", Label::as_str).into();
        Self {
            name: resource.name.to_string().into(),
            external_id: label(&resource.external_id),
            bundle_id: label(&resource.bundle_id),
            ..Self::default()
        }
    }

    /// Returns what was entered. An empty id is removed.
    pub fn edit(&self) -> ResourceEdit {
        let text = |typed: &Typed| Some(typed.text().to_owned());
        ResourceEdit { name: text(&self.name), external_id: text(&self.external_id), bundle_id: text(&self.bundle_id) }
    }
}

/// The form. `etag` is for a resource that already exists.
#[component]
pub fn ResourceFields(
    action: String,
    cancel: String,
    draft: Draft<ResourceForm>,
    #[prop(optional)] etag: Option<String>,
    verb: &'static str,
    busy: &'static str,
) -> impl IntoView {
    const NAME: u16 = Name::MAX_CHARS as u16;
    const LABEL: u16 = Label::MAX_CHARS as u16;
    view! {
        <FormPanel action cancel verb busy>
            {etag.map(|present| view! { <ETagField input=draft.input(ResourceForm::version()) present/> })}
            <TextField
                input=draft.input(ResourceForm::name())
                label="Name"
                hint="What people read when they choose it."
                maxlength=NAME
                autocomplete="off"
            />
            <TextField
                input=draft.input(ResourceForm::external_id())
                label="External id"
                optional=true
                hint="What your own programs call it. It must be unique."
                maxlength=LABEL
                autocomplete="off"
            />
            <TextField
                input=draft.input(ResourceForm::bundle_id())
                label="Bundle id"
                optional=true
                hint="For apps, like com.example.garden."
                maxlength=LABEL
                autocomplete="off"
            />
        </FormPanel>
    }
    .into_any()
}
