//! The form for a role: its name and permissions.

use crate::app::{
    component::{FormPanel, Permissions, TextField},
    etag::{ETagField, Labels},
    form::{Draft, Several, Typed, fields},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_domain::{Name, Permission, Role};

fields! {
    pub struct RoleForm {
        name: Typed,
        /// Only of a new role, as it can't be changed.
        key: Typed,
        permissions: Several<Permission>,
        /// Of a role that already exists.
        version: Typed,
        /// Whether to take over dependents that lose permissions.
        dependents: Typed,
    }
}

/// The labels of the fields in the notice about someone else's changes.
pub const LABELS: Labels<RoleForm> =
    &[(RoleForm::name(), "The name"), (RoleForm::permissions(), "The list of permissions")];

impl RoleForm {
    /// The fields of a new role that show their errors.
    pub const SHOWN: &'static [&'static str] = &[Self::name().name, Self::key().name, Self::permissions().name];
    /// The same of a role that already exists. The error of the version is a notice.
    pub const SHOWN_IN_EDIT: &'static [&'static str] =
        &[Self::name().name, Self::permissions().name, Self::version().name];

    /// Returns the form filled in with the role's values.
    pub fn filled(role: &Role) -> Self {
        let permissions = role.permissions.iter().map(|held| held.as_str()).collect();
        Self { name: role.name.as_str().into(), permissions, ..Self::default() }
    }

    /// Returns the form of a new role, with the permissions of a plain member ticked.
    pub fn fresh() -> Self {
        let [_, _, (_, _, member)] = Role::built_in();
        Self { permissions: member.into_iter().map(Permission::as_str).collect(), ..Self::default() }
    }
}

/// The form. `etag` is for a role that already exists, whose key can't be changed.
#[component]
pub fn RoleFields(
    action: String,
    cancel: String,
    draft: Draft<RoleForm>,
    #[prop(optional)] etag: Option<String>,
    /// What the user should know before saving.
    #[prop(optional)]
    note: Option<AnyView>,
    verb: &'static str,
    busy: &'static str,
) -> impl IntoView {
    const MAX: u16 = Name::MAX_CHARS as u16;
    let permissions = RoleForm::permissions().name;
    let key = etag.is_none().then(|| {
        view! {
            <TextField
                input=draft.input(RoleForm::key())
                label="Key"
                optional=true
                hint="What programs call it. It can’t be changed later. Leave it empty to derive it from the name."
                maxlength=40
                autocomplete="off"
            />
        }
    });
    view! {
        <FormPanel action cancel verb busy>
            {etag.map(|present| view! { <ETagField input=draft.input(RoleForm::version()) present/> })}
            <TextField
                input=draft.input(RoleForm::name())
                label="Name"
                hint="What people read, as in “Grace is invited as Editor”."
                maxlength=MAX
                autocomplete="off"
            />
            {key}
            <Permissions
                name=permissions
                held=use_portal_frame().permissions.clone()
                chosen=draft.form.permissions.read()
                hint="You can only grant permissions that you have. Without any, the role is just a label."
                error=draft.error(permissions)
            />
            {note}
        </FormPanel>
    }
    .into_any()
}
