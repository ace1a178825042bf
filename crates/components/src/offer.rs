//! The fields of an offer that can be changed of many invitations alike: the roles and the end.

use crate::{
    Choice, Choices, FieldError, When, WhenStyle,
    field::{described_by, invalid},
    plural,
};
use leptos::prelude::*;
use vestibule_domain::{Instant, Permission, Role, RoleId};

/// The lifetimes to choose from, in days.
const DAYS: [u16; 6] = [1, 3, 7, 14, 30, 90];

/// The roles. `roles` are those that the person can give, of which `chosen` are ticked.
#[component]
pub fn RolesField(
    name: &'static str,
    roles: Vec<Role>,
    chosen: Vec<RoleId>,
    #[prop(into)] hint: String,
    error: Option<String>,
) -> impl IntoView {
    let choices = roles.into_iter().map(|role| Choice {
        value: role.id.to_string(),
        note: Some(note(&role.permissions).to_owned()),
        is_ticked: chosen.contains(&role.id),
        label: role.name,
        is_fixed: false,
    });
    let choices: Vec<Choice> = choices.collect();
    let described = described_by(name, true, error.is_some());
    view! {
        <fieldset class="field__group" id=name tabindex="-1" aria-describedby=described>
            <legend class="field__label">"Roles"</legend>
            <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
            <Choices name one="role" choices/>
            <FieldError name error/>
        </fieldset>
    }
    .into_any()
}

/// Describes a role by the most powerful of its permissions.
pub fn note(permissions: &[Permission]) -> &'static str {
    if permissions.contains(&Permission::OrganizationEdit) {
        "Can do everything"
    } else if permissions.contains(&Permission::UserEdit) {
        "Invites and manages members"
    } else if permissions.contains(&Permission::UserInvite) {
        "Invites people"
    } else {
        "Sees the organization and its people"
    }
}

/// When invitations end that exist already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// All of them at this time.
    At { at: Instant, now: Instant },
    /// Not all at the same time.
    Differently,
}

/// How long an invitation is open. `usual` is the organization's lifetime in days. Those that exist already can keep
/// their end.
#[component]
pub fn LifetimeField(
    name: &'static str,
    chosen: String,
    usual: u16,
    #[prop(optional_no_strip)] ends: Option<Ends>,
    error: Option<String>,
) -> impl IntoView {
    let mut days = DAYS.to_vec();
    if !days.contains(&usual) {
        days.push(usual);
        days.sort_unstable();
    }
    let chosen = if chosen.is_empty() && ends.is_none() { usual.to_string() } else { chosen };
    let options = days.into_iter().map(|count| {
        let words = plural(count.into(), "day", "days");
        let words = if ends.is_some() { format!("{words} from now") } else { words };
        view! { <option value=count.to_string() selected=chosen == count.to_string()>{words}</option> }
    });
    let options: Vec<_> = options.collect();
    let (described, wrong) = (described_by(name, ends.is_some(), error.is_some()), invalid(error.is_some()));
    view! {
        <div class="field">
            <label class="field__label" for=name>"Expires after"</label>
            {ends.map(|ends| view! { <Now name ends/> })}
            <select class="field__input" id=name name=name aria-describedby=described aria-invalid=wrong>
                {ends.is_some().then(|| view! { <option value="">"Don’t change"</option> })}
                {options}
            </select>
            <FieldError name error/>
        </div>
    }
    .into_any()
}

#[component]
fn Now(name: &'static str, ends: Ends) -> impl IntoView {
    let words = match ends {
        Ends::At { at, now } => {
            view! { "It currently expires on " <When at now style=WhenStyle::Full/> "." }.into_any()
        }
        Ends::Differently => "They currently expire at different times.".into_any(),
    };
    view! { <p class="field__hint" id=format!("{name}-hint")>{words}</p> }
}
