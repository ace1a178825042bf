//! The form of an offer, for inviting and editing: roles, resources, message and expiry.

use crate::app::{
    component::{
        TextBox, When, WhenStyle,
        field::{FieldError, described_by, invalid},
        plural,
    },
    form::{Draft, Input},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_domain::{Instant, Permission, Resource, ResourceId, Role, RoleId};
use vestibule_functions::server::InviteForm;
use vestibule_islands::characters_left::CharactersLeft;

/// The fields that new and edited invitations have in common. `ends` is the current expiry, and now, of an invitation
/// that already exists.
#[component]
pub fn OfferFields(
    draft: Draft<InviteForm>,
    resources: Vec<Resource>,
    #[prop(optional)] ends: Option<(Instant, Instant)>,
) -> impl IntoView {
    let (roles, limits) = (InviteForm::role_ids().name, InviteForm::resource_ids().name);
    view! {
        <RolesField chosen=draft.form.role_ids.read() error=draft.error(roles)/>
        <ResourcesField all=resources chosen=draft.form.resource_ids.read() error=draft.error(limits)/>
        <MessageField input=draft.input(InviteForm::message())/>
        <LifetimeField input=draft.input(InviteForm::expires_in_days()) ends/>
    }
    .into_any()
}

/// The roles that this user can grant. `chosen` are ticked.
#[component]
fn RolesField(chosen: Vec<RoleId>, error: Option<String>) -> impl IntoView {
    let portal_frame = use_portal_frame();
    let choices = portal_frame
        .roles
        .into_iter()
        .filter(|role| role.may_be_granted_by(&portal_frame.permissions))
        .map(|role| view! { <RoleChoice chosen=chosen.contains(&role.id) role/> })
        .collect_view();
    let name = InviteForm::role_ids().name;
    let described = described_by(name, true, error.is_some());
    view! {
        <fieldset class="field__group" id=name tabindex="-1" aria-describedby=described>
            <legend class="field__label">"Roles"</legend>
            <p class="field__hint" id=format!("{name}-hint")>"You can give the roles whose permissions you hold."</p>
            <div class="choices">{choices}</div>
            <FieldError name error/>
        </fieldset>
    }
    .into_any()
}

#[component]
fn RoleChoice(role: Role, chosen: bool) -> impl IntoView {
    let note = note(&role);
    view! {
        <label class="choice">
            <input type="checkbox" name=InviteForm::role_ids().name value=role.id.to_string() checked=chosen/>
            <span>{role.name}</span>
            <span class="choice__note">{note}</span>
        </label>
    }
    .into_any()
}

/// The resources that invitees can be limited to. `all` are those that the user can choose from. Shows nothing if there
/// are none.
#[component]
fn ResourcesField(all: Vec<Resource>, chosen: Vec<ResourceId>, error: Option<String>) -> impl IntoView {
    let (name, has_any) = (InviteForm::resource_ids().name, !all.is_empty());
    let is_limited = use_portal_frame().limit.is_limited();
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
                        name=name
                        value=resource.id.to_string()
                        checked=chosen.contains(&resource.id)
                    />
                    <span><bdi>{resource.name.to_string()}</bdi></span>
                    {external_id.map(|id| view! { <span class="choice__note">{id}</span> })}
                </label>
            }
        })
        .collect_view();
    let described = described_by(name, true, error.is_some());
    has_any.then(|| {
        view! {
            <fieldset class="field__group" id=name tabindex="-1" aria-describedby=described>
                <legend class="field__label">"Limited to"<span class="field__optional">{optional}</span></legend>
                <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
                <input type="hidden" name=InviteForm::chooses_resources().name value="true"/>
                <div class="choices choices--many">{choices}</div>
                <FieldError name error/>
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
fn MessageField(input: Input) -> impl IntoView {
    view! {
        <TextBox
            input
            label="Personal message"
            optional=true
            hint="Shown in the mail and on the page, marked as your words."
        >
            <CharactersLeft/>
        </TextBox>
    }
    .into_any()
}

/// How long the invitation stays open. When editing, `ends` is the current expiry, which can be kept.
#[component]
fn LifetimeField(input: Input, #[prop(optional_no_strip)] ends: Option<(Instant, Instant)>) -> impl IntoView {
    let Input { name, value, error } = input;
    let chosen = value.unwrap_or_default();
    let usual = use_portal_frame().organization.invitation_lifetime_days;
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
    let (described, wrong) = (described_by(name, ends.is_some(), error.is_some()), invalid(error.is_some()));
    view! {
        <div class="field">
            <label class="field__label" for=name>"Ends after"</label>
            {ends.map(|(at, now)| view! {
                <p class="field__hint" id=format!("{name}-hint")>
                    "Now it ends on "
                    <When at now style=WhenStyle::Full/>
                    "."
                </p>
            })}
            <select
                class="field__input"
                id=name
                name=name
                aria-describedby=described
                aria-invalid=wrong
            >
                {ends.is_some().then(|| view! { <option value="">"Leave it as it is"</option> })}
                {options}
            </select>
            <FieldError name error/>
        </div>
    }
    .into_any()
}
