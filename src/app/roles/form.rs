//! The form for a role: its name and permissions.

use crate::app::{
    component::{Permissions, Submit, TextField},
    form::{Draft, Fields},
    version::VersionField,
    visit::use_whereabouts,
};
use leptos::prelude::*;
use vestibule_domain::{Name, Role};

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: &[(&str, &str)] = &[("name", "The name"), ("permissions", "What it allows")];

/// Returns the form filled in with the role's values.
pub fn filled(role: &Role) -> Draft {
    let name = ("name".to_owned(), role.name.clone());
    let permissions = role.permissions.iter().map(|held| ("permissions".to_owned(), held.as_str().to_owned()));
    Draft { fields: Fields([name].into_iter().chain(permissions).collect()), violations: Vec::new() }
}

/// The form. `version` is for a role that already exists, whose key can't be changed. `children` are the button's
/// label.
#[component]
pub fn RoleForm(
    action: String,
    cancel: String,
    draft: Draft,
    #[prop(optional)] version: Option<String>,
    /// What the user should know before saving.
    #[prop(optional)]
    note: Option<AnyView>,
    busy: &'static str,
    children: Children,
) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    let is_new = version.is_none();
    let key = is_new.then(|| {
        view! {
            <TextField
                name="key"
                label="Key"
                optional=true
                hint="What programs call it, for ever. Left empty, it is made from the name."
                value=draft.text("key")
                maxlength=40
                autocomplete="off"
                error=draft.error("key")
            />
        }
    });
    view! {
        <form class="panel" method="post" action=action novalidate data-send>
            {version.map(|present| view! { <VersionField draft=draft.clone() present/> })}
            <div class="panel__body">
                <TextField
                    name="name"
                    label="Name"
                    hint="What people read, as in “Grace is invited as Editor”."
                    value=draft.text("name")
                    maxlength=MAX
                    autocomplete="off"
                    error=draft.error("name")
                />
                {key}
                <Permissions
                    held=use_whereabouts().permissions
                    chosen=draft.fields.parsed("permissions")
                    hint="No more than you may yourself. With none, it is a name only."
                    error=draft.error("permissions")
                />
                {note}
            </div>
            <div class="panel__foot">
                <Submit busy>{children()}</Submit>
                <a class="button button--quiet" href=cancel>"Cancel"</a>
            </div>
        </form>
    }
    .into_any()
}
