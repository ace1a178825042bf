//! The fields of an offer, for inviting and editing: roles, resources, message and expiry.

use crate::app::{
    component::{
        Field, Textarea, When, WhenStyle,
        field::{FieldError, described_by, invalid},
        plural,
        typed::CharactersLeft,
    },
    form::Draft,
    visit::use_whereabouts,
};
use leptos::prelude::*;
use vestibule_domain::{Instant, Permission, Resource, ResourceId, Role, RoleId};

/// The roles that this user can grant. `chosen` are ticked.
#[component]
pub fn RolesField(chosen: Vec<RoleId>, error: Option<String>) -> impl IntoView {
    let whereabouts = use_whereabouts();
    let choices = whereabouts
        .roles
        .into_iter()
        .filter(|role| role.may_be_granted_by(&whereabouts.permissions))
        .map(|role| view! { <RoleChoice chosen=chosen.contains(&role.id) role/> })
        .collect_view();
    let described = described_by("role_ids", true, error.is_some());
    view! {
        <fieldset class="field__group" id="role_ids" tabindex="-1" aria-describedby=described>
            <legend class="field__label">"Roles"</legend>
            <p class="field__hint" id="role_ids-hint">"You can give the roles whose permissions you hold."</p>
            <div class="choices">{choices}</div>
            <FieldError name="role_ids" error/>
        </fieldset>
    }
    .into_any()
}

#[component]
fn RoleChoice(role: Role, chosen: bool) -> impl IntoView {
    let note = note(&role);
    view! {
        <label class="choice">
            <input type="checkbox" name="role_ids" value=role.id.to_string() checked=chosen/>
            <span>{role.name}</span>
            <span class="choice__note">{note}</span>
        </label>
    }
    .into_any()
}

/// The resources that invitees can be limited to. `all` are those that the user can choose from. Shows nothing if there
/// are none.
#[component]
pub fn ResourcesField(all: Vec<Resource>, chosen: Vec<ResourceId>, error: Option<String>) -> impl IntoView {
    let has_any = !all.is_empty();
    let is_limited = use_whereabouts().limit.is_limited();
    let (hint, optional) = match is_limited {
        true => ("You are limited to these yourself. Tick at least one.", ""),
        false => ("Leave all unticked for no limit.", " (optional)"),
    };
    let choices = all
        .into_iter()
        .map(|resource| {
            let external_id = resource.external_id.map(|label| label.as_str().to_owned());
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        name="resource_ids"
                        value=resource.id.to_string()
                        checked=chosen.contains(&resource.id)
                    />
                    <span><bdi>{resource.name.to_string()}</bdi></span>
                    {external_id.map(|id| view! { <span class="choice__note">{id}</span> })}
                </label>
            }
        })
        .collect_view();
    let described = described_by("resource_ids", true, error.is_some());
    has_any.then(|| {
        view! {
            <fieldset class="field__group" id="resource_ids" tabindex="-1" aria-describedby=described>
                <legend class="field__label">"Limited to"<span class="field__optional">{optional}</span></legend>
                <p class="field__hint" id="resource_ids-hint">{hint}</p>
                <input type="hidden" name="chooses_resources" value="true"/>
                <div class="choices choices--many">{choices}</div>
                <FieldError name="resource_ids" error/>
            </fieldset>
        }
        .into_any()
    })
}

/// Describes a role by the most powerful permission that it has.
fn note(role: &Role) -> &'static str {
    let allows = |permission| role.permissions.contains(&permission);
    if allows(Permission::OrganizationEdit) {
        "May do everything"
    } else if allows(Permission::UserEdit) {
        "Invites and manages members"
    } else if allows(Permission::UserInvite) {
        "Invites people"
    } else {
        "Sees the organization and its people"
    }
}

/// The personal message. It shows how many characters are left when few are.
#[component]
pub fn MessageField(value: String, error: Option<String>) -> impl IntoView {
    let (described, wrong) = (described_by("message", true, error.is_some()), invalid(error.is_some()));
    view! {
        <Field
            name="message"
            label="Personal message"
            optional=true
            hint="Shown in the mail and on the page, marked as your words."
            error
        >
            <Textarea name="message" value described_by=described invalid=wrong/>
            <CharactersLeft/>
        </Field>
    }
    .into_any()
}

/// How long the invitation stays open. When editing, `ends` is the current expiry, which can be kept.
#[component]
pub fn LifetimeField(
    chosen: String,
    error: Option<String>,
    #[prop(optional)] ends: Option<(Instant, Instant)>,
) -> impl IntoView {
    let usual = use_whereabouts().organization.invitation_lifetime_days;
    let mut days = vec![1, 3, 7, 14, 30, 90];
    if !days.contains(&usual) {
        days.push(usual);
        days.sort_unstable();
    }
    let chosen = if chosen.is_empty() && ends.is_none() { usual.to_string() } else { chosen };
    let options = days
        .into_iter()
        .map(|count| {
            let words = plural(count.into(), "day", "days");
            let words = if ends.is_some() { format!("{words} from now") } else { words };
            view! { <option value=count.to_string() selected=chosen == count.to_string()>{words}</option> }
        })
        .collect_view();
    let (described, wrong) =
        (described_by("expires_in_days", ends.is_some(), error.is_some()), invalid(error.is_some()));
    view! {
        <div class="field">
            <label class="field__label" for="expires_in_days">"Ends after"</label>
            {ends.map(|(at, now)| view! {
                <p class="field__hint" id="expires_in_days-hint">
                    "Now it ends on "
                    <When at now style=WhenStyle::Full/>
                    "."
                </p>
            })}
            <select
                class="field__input"
                id="expires_in_days"
                name="expires_in_days"
                aria-describedby=described
                aria-invalid=wrong
            >
                {ends.is_some().then(|| view! { <option value="">"Leave it as it is"</option> })}
                {options}
            </select>
            <FieldError name="expires_in_days" error/>
        </div>
    }
    .into_any()
}

/// Returns the roles that a refused form had ticked, or `otherwise`.
pub fn chosen_roles(draft: Option<&Draft>, otherwise: impl FnOnce() -> Vec<RoleId>) -> Vec<RoleId> {
    draft.map_or_else(otherwise, |draft| draft.fields.parsed("role_ids"))
}

/// Returns the resources that a refused form had ticked, or `otherwise`.
pub fn chosen_resources(draft: Option<&Draft>, otherwise: impl FnOnce() -> Vec<ResourceId>) -> Vec<ResourceId> {
    draft.map_or_else(otherwise, |draft| draft.fields.parsed("resource_ids"))
}
