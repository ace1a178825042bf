//! The form of an offer, for inviting and editing: roles, resources, message and expiry.

use crate::app::{
    component::{
        TextBox,
        field::{FieldError, described_by},
    },
    form::{Draft, Input},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_components::{Choice, Choices, Ends, LifetimeField, RolesField};
use vestibule_domain::{Instant, PortalFrame, Resource, ResourceId, Role};
use vestibule_functions::server::InviteForm;
use vestibule_islands::{characters_left::CharactersLeft, choice_grid::ChoiceGrid};

/// The fields that new and edited invitations have in common. `ends` is the current expiry, and now, of an invitation
/// that already exists.
#[component]
pub fn OfferFields(
    draft: Draft<InviteForm>,
    resources: Vec<Resource>,
    #[prop(optional)] ends: Option<(Instant, Instant)>,
) -> impl IntoView {
    let (roles, limits) = (InviteForm::role_ids().name, InviteForm::resource_ids().name);
    let Input { name: days, value, error } = draft.input(InviteForm::expires_in_days());
    let ends = ends.map(|(at, now)| Ends::At { at, now });
    let frame = use_portal_frame();
    let usual = frame.organization.invitation_lifetime_days;
    let (chosen, limited_to) = (draft.form.role_ids.read(), draft.form.resource_ids.read());
    let (roles_error, limits_error) = (draft.error(roles), draft.error(limits));
    view! {
        <ChoiceGrid>
            <RolesField
                name=roles
                roles=grantable(&frame)
                chosen
                hint="You can only give roles whose permissions you have."
                error=roles_error
            />
        </ChoiceGrid>
        <ResourcesField all=resources chosen=limited_to error=limits_error/>
        <MessageField input=draft.input(InviteForm::message())/>
        <LifetimeField name=days chosen=value.unwrap_or_default() usual ends error/>
    }
    .into_any()
}

/// Returns the roles that this user can grant.
fn grantable(frame: &PortalFrame) -> Vec<Role> {
    frame.roles.iter().filter(|role| role.may_be_granted_by(&frame.permissions)).cloned().collect()
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
    let choices = all.into_iter().map(|resource| Choice {
        value: resource.id.to_string(),
        label: resource.name.to_string(),
        note: resource.external_id.map(|label| label.as_str().to_owned()),
        is_ticked: chosen.contains(&resource.id),
        is_fixed: false,
    });
    let choices: Vec<Choice> = choices.collect();
    let described = described_by(name, true, error.is_some());
    has_any.then(|| {
        view! {
            <fieldset class="field__group" id=name tabindex="-1" aria-describedby=described>
                <legend class="field__label">"Limited to"<span class="field__optional">{optional}</span></legend>
                <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
                <input type="hidden" name=InviteForm::chooses_resources().name value="true"/>
                <ChoiceGrid><Choices name one="resource" choices/></ChoiceGrid>
                <FieldError name error/>
            </fieldset>
        }
        .into_any()
    })
}

/// The personal message. It shows how many characters are left when few are.
#[component]
fn MessageField(input: Input) -> impl IntoView {
    view! {
        <TextBox
            input
            label="Personal message"
            optional=true
            hint="Shown in the email and on the page, marked as your words."
        >
            <CharactersLeft/>
        </TextBox>
    }
    .into_any()
}
