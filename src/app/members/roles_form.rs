//! The form that changes a member's roles.

use super::{LAST_OWNER, is_last_owner};
use crate::app::{
    component::{DependentsNote, Submit, field::FieldError},
    etag::{ChangedNotice, ETagField, Labels, named},
    form::{Draft, Several, Typed, fields},
    portal_context::use_portal_frame,
};
use leptos::prelude::*;
use vestibule_components::{Choice, Choices, offer::note};
use vestibule_core::service::etag;
use vestibule_domain::{Dependents, Member, Permission, Role, RoleId};
use vestibule_islands::choice_grid::ChoiceGrid;

fields! {
    pub struct RolesForm {
        role_ids: Several<RoleId>,
        /// Whether to take over dependents that lose permissions.
        dependents: Typed,
        version: Typed,
    }
}

/// The labels of the fields in the notice about someone else's changes.
const LABELS: Labels<RolesForm> = &[(RolesForm::role_ids(), "The list of roles")];

/// The notice that somebody else has changed the member since the form was opened.
#[component]
pub fn RolesChanged(member: Member, draft: Draft<RolesForm>) -> impl IntoView {
    let all = use_portal_frame().roles.clone();
    let all = || all.iter().map(|role| (role.id, role.name.clone()));
    let present: Several<RoleId> = member.roles.iter().map(|role| role.id.to_string()).collect();
    let form = |ids| RolesForm { role_ids: named(&ids, all()), ..RolesForm::default() };
    let draft = Draft { form: form(draft.form.role_ids), violations: draft.violations };
    view! { <ChangedNotice draft present=form(present) labels=LABELS/> }
}

/// The form. `held` are the user's permissions; a role with others is shown, but can't be chosen.
#[component]
pub fn RolesFields(
    member: Member,
    roles: Vec<Role>,
    held: Vec<Permission>,
    dependents: Dependents,
    is_last_owner: bool,
    draft: Option<Draft<RolesForm>>,
) -> impl IntoView {
    let here = use_portal_frame();
    let members = format!("/o/{}/members", here.organization.slug);
    let name = RolesForm::role_ids().name;
    let choice = (here.user.id != member.user_id).then_some(RolesForm::dependents().name);
    let made = format!("by {}", member.name);
    let action = format!("{members}/{}", member.id);
    let chosen = chosen(&member, draft.as_ref());
    let version = draft.as_ref().map_or(RolesForm::version().empty(), |draft| draft.input(RolesForm::version()));
    let present = etag(&member);
    let error = draft.and_then(|draft| draft.error(name));
    let described = error.is_some().then(|| format!("{name}-error"));
    let choices = roles.into_iter().map(|role| {
        let conflict = conflict(&role, &member, &held, is_last_owner);
        let is_chosen = chosen.contains(&role.id);
        role_choice(role, is_chosen, conflict)
    });
    let (choices, stay): (Vec<Choice>, Vec<_>) = choices.unzip();
    view! {
        <form method="post" action=action>
            <ETagField input=version present/>
            <div class="panel__body">
                <fieldset class="field__group" id=name aria-describedby=described>
                    <legend class="sr">"Roles of "{member.name.to_string()}</legend>
                    <ChoiceGrid><Choices name one="role" choices/></ChoiceGrid>
                    {stay}
                    <FieldError name error/>
                </fieldset>
                <DependentsNote
                    dependents
                    made
                    fate="What the new roles don’t allow stops working when you save."
                    choice
                />
            </div>
            <div class="panel__foot">
                <Submit busy="Saving…">"Save roles"</Submit>
                <a class="button button--quiet" href=members>"Cancel"</a>
            </div>
        </form>
    }
}

/// Why a role can't be chosen or taken away.
#[derive(Clone)]
enum RoleConflict {
    TooMuch(String),
    Stays(String),
}

fn conflict(role: &Role, member: &Member, held: &[Permission], last_owner: bool) -> Option<RoleConflict> {
    if last_owner && role.key == Role::OWNER {
        return Some(RoleConflict::Stays(format!("{}. {LAST_OWNER}", is_last_owner(member.name.as_str()))));
    }
    (!role.may_be_granted_by(held)).then(|| {
        let sentence = format!("You can’t give {}: it holds permissions you don’t have. Ask an owner.", role.name);
        RoleConflict::TooMuch(sentence)
    })
}

/// Returns what was chosen before the form was refused, or the member's roles.
fn chosen(member: &Member, draft: Option<&Draft<RolesForm>>) -> Vec<RoleId> {
    match draft {
        Some(draft) => draft.form.role_ids.read(),
        None => member.roles.iter().map(|role| role.id).collect(),
    }
}

/// Returns the box of a role. If the member keeps the role, there is a hidden field too, as browsers don't send a box
/// that can't be changed.
fn role_choice(role: Role, is_chosen: bool, conflict: Option<RoleConflict>) -> (Choice, Option<impl IntoView>) {
    let value = role.id.to_string();
    let stays = matches!(conflict, Some(RoleConflict::Stays(_)));
    let is_fixed = conflict.is_some();
    let note = match conflict {
        Some(RoleConflict::Stays(note) | RoleConflict::TooMuch(note)) => note,
        None => note(&role.permissions).to_owned(),
    };
    let is_ticked = stays || is_chosen;
    let hidden = stays.then(|| {
        view! { <input type="hidden" name=RolesForm::role_ids().name value=value.clone()/> }
    });
    (Choice { value, label: role.name, note: Some(note), is_ticked, is_fixed }, hidden)
}
